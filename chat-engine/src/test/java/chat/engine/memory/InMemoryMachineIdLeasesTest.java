package chat.engine.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.contract.MachineIdLeasesContract;
import chat.engine.spi.MachineIdLeases;
import chat.engine.spi.MachineIdLeases.Lease;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class InMemoryMachineIdLeasesTest extends MachineIdLeasesContract {
  private static final Duration TIME_TO_LIVE = Duration.ofSeconds(30);

  private final MachineIdLeases leases = new InMemoryMachineIdLeases();
  private final AtomicLong nanos = new AtomicLong();

  @Override
  protected MachineIdLeases leases() {
    return leases;
  }

  @Override
  protected MachineIdLeases leasesOf(int machines) {
    return new InMemoryMachineIdLeases(TIME_TO_LIVE, System::nanoTime, machines);
  }

  /** One machine id, and the clock of the test. */
  private MachineIdLeases single() {
    return new InMemoryMachineIdLeases(TIME_TO_LIVE, nanos::get, 1);
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Test
  void aLeaseThatIsNotRenewedEndsWithItsTime() {
    MachineIdLeases one = single();
    Lease lease = one.acquire("test", 1);
    pass(TIME_TO_LIVE.minusNanos(1));
    assertThatThrownBy(() -> one.acquire("test", 1)).hasMessageContaining("all 1 machine ids");
    pass(Duration.ofNanos(1));
    assertThat(one.renew(lease, 5)).isEmpty();
    assertThat(one.acquire("test", 1).machineId()).isEqualTo(lease.machineId());
  }

  @Test
  void aRenewalGivesTheWholeTimeAnew() {
    MachineIdLeases one = single();
    Lease lease = one.acquire("test", 1);
    for (int i = 0; i < 3; i++) {
      pass(TIME_TO_LIVE.minusNanos(1));
      assertThat(one.renew(lease, i)).isPresent();
    }
    pass(TIME_TO_LIVE.minusNanos(1));
    assertThatThrownBy(() -> one.acquire("test", 1)).hasMessageContaining("machine ids");
    pass(Duration.ofNanos(1));
    assertThat(one.acquire("test", 1).usedTime()).isEqualTo(2);
  }

  @Test
  void whoLostALeaseCanNeitherRenewItNorGiveItBack() {
    MachineIdLeases one = single();
    Lease lost = one.acquire("test", 1);
    pass(TIME_TO_LIVE);
    Lease held = one.acquire("test", 1);
    assertThat(one.renew(lost, 9)).isEmpty();
    one.release(lost, 9);
    assertThat(one.renew(held, 3).orElseThrow().usedTime()).isEqualTo(3);
  }

  @Test
  void theLeastUsedTimeIsPreferredAndOneThatHasPassedBeforeAll() {
    long now = 100;
    long[][] usedTimes = {{105, 109}, {109, 105}, {now, now - 1}, {now - 1, now}};
    int[] preferred = {0, 1, 1, 0};
    for (int i = 0; i < usedTimes.length; i++) {
      MachineIdLeases two = new InMemoryMachineIdLeases(TIME_TO_LIVE, nanos::get, 2);
      Lease first = two.acquire("test", now);
      Lease second = two.acquire("test", now);
      two.release(first, usedTimes[i][0]);
      two.release(second, usedTimes[i][1]);
      assertThat(two.acquire("test", now).machineId()).isEqualTo(preferred[i]);
    }
  }

  @Test
  void leasesLastThirtySecondsUnlessTheyAreToldOtherwise() {
    assertThat(leases.timeToLive()).isEqualTo(Duration.ofSeconds(30));
    assertThat(new InMemoryMachineIdLeases(Duration.ofMillis(7), nanos::get).timeToLive())
        .isEqualTo(Duration.ofMillis(7));
  }
}
