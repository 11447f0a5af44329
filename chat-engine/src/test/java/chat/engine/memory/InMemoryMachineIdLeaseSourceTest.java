package chat.engine.memory;

import chat.engine.contract.MachineIdLeaseSourceContract;
import chat.engine.spi.MessageStore;

final class InMemoryMachineIdLeaseSourceTest extends MachineIdLeaseSourceContract {
  private final MessageStore shared = new InMemoryMessageStore();

  @Override
  protected MessageStore openStore() {
    return shared;
  }
}
