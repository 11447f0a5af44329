package chat.engine.memory;

import chat.engine.contract.MachineIdLeasesContract;
import chat.engine.spi.MachineIdLeases;
import java.time.Duration;

final class InMemoryMachineIdLeasesTest extends MachineIdLeasesContract {
  private final MachineIdLeases leases = new InMemoryMachineIdLeases();

  @Override
  protected MachineIdLeases leases() {
    return leases;
  }

  @Override
  protected MachineIdLeases leasesOf(int machines) {
    return new InMemoryMachineIdLeases(Duration.ofSeconds(30), System::nanoTime, machines);
  }
}
