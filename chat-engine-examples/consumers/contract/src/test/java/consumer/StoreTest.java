package consumer;

import chat.engine.contract.MessageStoreContract;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.spi.MessageStore;

/** What somebody writes who implements a store; here it is one of the library's. */
final class StoreTest extends MessageStoreContract {
  private final MessageStore shared = new InMemoryMessageStore();

  @Override
  protected MessageStore openStore() {
    return shared;
  }
}
