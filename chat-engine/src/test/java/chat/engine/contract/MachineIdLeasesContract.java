package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.spi.MachineIdLeases;
import chat.engine.spi.MachineIdLeases.Lease;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What all {@link MachineIdLeases} must do. Extend it and implement {@link #leases} and {@link
 * #leasesOf}.
 */
@Timeout(120)
public abstract class MachineIdLeasesContract {
  private static final long NOW = 35_000_000_000L;

  /**
   * Leases of one cluster; the same, or others that share their data, each time it is called in a
   * test.
   */
  protected abstract MachineIdLeases leases();

  /**
   * Leases of a new cluster, which has the given number of machine ids only. Called at most once in
   * a test. The test does not close them.
   */
  protected abstract MachineIdLeases leasesOf(int machines);

  @Test
  final void noTwoHoldersHaveTheSameMachineId() {
    Set<Integer> held = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      Lease lease = leases().acquire("test", NOW);
      assertThat(lease.machineId()).isBetween(0, 65_535);
      assertThat(lease.usedTime()).isZero();
      assertThat(held.add(lease.machineId())).isTrue();
    }
  }

  @Test
  final void noTwoHoldersThatAskAtOnceHaveTheSameMachineId() {
    MachineIdLeases leases = leasesOf(24);
    List<CompletableFuture<List<Lease>>> asking = new ArrayList<>();
    for (int thread = 0; thread < 4; thread++) {
      asking.add(
          CompletableFuture.supplyAsync(
              () -> {
                List<Lease> own = new ArrayList<>();
                for (int i = 0; i < 5; i++) {
                  own.add(leases.acquire("test", NOW));
                }
                return own;
              }));
    }
    Set<Integer> held = new HashSet<>();
    asking.forEach(
        own -> own.join().forEach(lease -> assertThat(held.add(lease.machineId())).isTrue()));
    assertThat(held).hasSize(20);
  }

  @Test
  final void whenAllMachineIdsAreHeldThereIsNoneAndOneThatIsGivenBackIsGivenOut() {
    MachineIdLeases leases = leasesOf(3);
    leases.acquire("test", NOW);
    leases.acquire("test", NOW);
    Lease third = leases.acquire("test", NOW);
    assertThatThrownBy(() -> leases.acquire("test", NOW))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("all 3 machine ids");
    leases.release(third, 5);
    Lease again = leases.acquire("test", NOW);
    assertThat(again.machineId()).isEqualTo(third.machineId());
    assertThat(again.token()).isNotEqualTo(third.token());
    assertThat(again.usedTime()).isEqualTo(5);
    assertThat(leases.renew(third, 6)).isEmpty();
  }

  @Test
  final void aRenewalNotesTheUsedTimeAndNeverForgetsAHigherOne() {
    Lease lease = leases().acquire("test", NOW);
    assertThat(leases().renew(lease, 500).orElseThrow().usedTime()).isEqualTo(500);
    assertThat(leases().renew(lease, 400).orElseThrow().usedTime()).isEqualTo(500);
    assertThat(leases().renew(lease, 501).orElseThrow().usedTime()).isEqualTo(501);
  }

  @Test
  final void theUsedTimeNeverMovesBackWhenALeaseIsGivenBack() {
    MachineIdLeases leases = leasesOf(1);
    Lease first = leases.acquire("test", NOW);
    leases.renew(first, 500).orElseThrow();
    leases.release(first, 499);

    Lease unused = leases.acquire("test", NOW);
    assertThat(unused.usedTime()).isEqualTo(500);
    leases.release(unused, 0);

    Lease renewed = leases.acquire("test", NOW);
    assertThat(renewed.usedTime()).isEqualTo(500);
    assertThat(leases.renew(renewed, 0).orElseThrow().usedTime()).isEqualTo(500);
    leases.release(renewed, 501);

    assertThat(leases.acquire("test", NOW).usedTime()).isEqualTo(501);
  }

  @Test
  final void aMachineIdWhoseUsedTimeHasPassedIsPreferred() {
    MachineIdLeases leases = leasesOf(3);
    Lease a = leases.acquire("test", NOW);
    Lease b = leases.acquire("test", NOW);
    Lease c = leases.acquire("test", NOW);
    leases.release(a, NOW + 1_000);
    leases.release(b, NOW - 1);
    leases.release(c, NOW);

    Lease passed = leases.acquire("test", NOW);
    assertThat(passed.machineId()).isEqualTo(b.machineId());
    assertThat(passed.usedTime()).isEqualTo(NOW - 1);
    Lease least = leases.acquire("test", NOW);
    assertThat(least.machineId()).isEqualTo(c.machineId());
    assertThat(least.usedTime()).isEqualTo(NOW);
    Lease last = leases.acquire("test", NOW);
    assertThat(last.machineId()).isEqualTo(a.machineId());
    assertThat(last.usedTime()).isEqualTo(NOW + 1_000);
  }

  @Test
  final void aMachineIdThatWasNeverUsedIsPreferredToOneWhoseUsedTimeIsAhead() {
    MachineIdLeases leases = leasesOf(2);
    Lease a = leases.acquire("test", NOW);
    leases.release(a, NOW + 1_000);
    Lease other = leases.acquire("test", 0); // even if the clock is before the first time
    assertThat(other.machineId()).isNotEqualTo(a.machineId());
    assertThat(other.usedTime()).isZero();
  }

  @Test
  final void onlyTheHolderCanRenewALeaseOrGiveItBack() {
    Lease lease = leases().acquire("test", NOW);
    Lease stranger = new Lease(lease.machineId(), "another token", 0);
    assertThat(leases().renew(stranger, 1)).isEmpty();
    leases().release(stranger, 7);
    assertThat(leases().renew(lease, 1).orElseThrow().usedTime()).isEqualTo(1);
    leases().release(lease, 1);
    assertThat(leases().renew(lease, 1)).isEmpty();
  }
}
