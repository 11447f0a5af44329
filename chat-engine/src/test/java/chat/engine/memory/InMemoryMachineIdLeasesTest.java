package chat.engine.memory;

import chat.engine.contract.MachineIdLeasesContract;
import chat.engine.spi.MachineIdLeases;

final class InMemoryMachineIdLeasesTest extends MachineIdLeasesContract {
  private final MachineIdLeases leases = new InMemoryMachineIdLeases();

  @Override
  protected MachineIdLeases leases() {
    return leases;
  }
}
