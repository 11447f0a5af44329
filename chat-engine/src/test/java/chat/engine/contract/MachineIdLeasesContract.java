package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.spi.MachineIdLeases;
import chat.engine.spi.MachineIdLeases.Lease;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What all {@link MachineIdLeases} must do. Extend it and implement {@link #leases}. */
public abstract class MachineIdLeasesContract {
  /**
   * Leases of one cluster; the same, or others that share their data, each time it is called in a
   * test.
   */
  protected abstract MachineIdLeases leases();

  @Test
  final void noTwoHoldersHaveTheSameMachineId() {
    Set<Integer> held = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      Lease lease = leases().acquire("test");
      assertThat(lease.machineId()).isBetween(0, 65_535);
      assertThat(held.add(lease.machineId())).isTrue();
    }
  }

  @Test
  final void aRenewalNotesTheUsedTimeAndNeverForgetsAHigherOne() {
    Lease lease = leases().acquire("test");
    assertThat(leases().renew(lease, 500).orElseThrow().usedTime()).isEqualTo(500);
    assertThat(leases().renew(lease, 400).orElseThrow().usedTime()).isEqualTo(500);
  }

  @Test
  final void whoDoesNotHoldTheLeaseCannotRenewIt() {
    Lease lease = leases().acquire("test");
    Lease stranger = new Lease(lease.machineId(), "another token", 0);
    assertThat(leases().renew(stranger, 1)).isEmpty();
    leases().release(stranger, 1);
    assertThat(leases().renew(lease, 1)).isPresent();
    leases().release(lease, 1);
    assertThat(leases().renew(lease, 1)).isEmpty();
  }
}
