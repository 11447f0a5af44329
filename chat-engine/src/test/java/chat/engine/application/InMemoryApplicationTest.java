package chat.engine.application;

import chat.engine.memory.InMemoryMessageStore;
import chat.engine.spi.MessageStore;

final class InMemoryApplicationTest extends ApplicationTests {
  private final InMemoryMessageStore store = new InMemoryMessageStore();

  @Override
  MessageStore openStore() {
    return store;
  }
}
