package chat.engine.internal;

import chat.engine.memory.InMemoryMessageStore;
import chat.engine.spi.MessageStore;

final class InMemoryReplacedUserTest extends ReplacedUserTests {
  private final InMemoryMessageStore store = new InMemoryMessageStore();

  @Override
  MessageStore openStore() {
    return store;
  }

  @Override
  int rounds() {
    return 300;
  }
}
