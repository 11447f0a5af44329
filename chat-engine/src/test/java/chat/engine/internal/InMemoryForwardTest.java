package chat.engine.internal;

import chat.engine.memory.InMemoryMessageStore;
import chat.engine.spi.MessageStore;

final class InMemoryForwardTest extends ForwardTests {
  private final InMemoryMessageStore store = new InMemoryMessageStore();

  @Override
  MessageStore openStore() {
    return store;
  }
}
