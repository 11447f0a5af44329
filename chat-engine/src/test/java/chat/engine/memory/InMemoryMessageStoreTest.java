package chat.engine.memory;

import chat.engine.contract.MessageStoreContract;
import chat.engine.spi.MessageStore;

final class InMemoryMessageStoreTest extends MessageStoreContract {
  private final MessageStore shared = new InMemoryMessageStore();

  @Override
  protected MessageStore openStore() {
    return shared;
  }
}
