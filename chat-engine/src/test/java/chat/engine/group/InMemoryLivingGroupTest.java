package chat.engine.group;

import chat.engine.memory.InMemoryMessageStore;
import chat.engine.spi.MessageStore;

final class InMemoryLivingGroupTest extends LivingGroupTests {
  private final InMemoryMessageStore store = new InMemoryMessageStore();

  @Override
  protected MessageStore openStore() {
    return store;
  }
}
