package chat.engine.testkit;

import chat.engine.contract.MessageStoreContract;
import chat.engine.spi.MessageStore;
import java.util.List;

/** Without faults, the store of the kit keeps the contract of every store. */
final class FaultyStoreTest extends MessageStoreContract {
  private final SharedStore shared = new SharedStore();

  @Override
  protected MessageStore openStore() {
    return new FaultyStore(shared, List.of());
  }
}
