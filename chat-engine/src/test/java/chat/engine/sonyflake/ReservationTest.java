package chat.engine.sonyflake;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.spi.MachineIdLeases.Lease;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ReservationTest {
  private static final SteadyClock CLOCK = SteadyClock.startingAt(TestClocks.START, 0);

  private static LeasedMachine machine(int machineId, long first, long last, long validUntil) {
    return new LeasedMachine(new Lease(machineId, "token", 0), first, last, validUntil);
  }

  private static int[] usable(LeasedMachine machine, long time, long nanos) {
    return new Reservation(CLOCK, List.of(machine)).usableAt(time, nanos).machineIds();
  }

  @Test
  void aMachineIdIsUsableForTheTimesThatAreReservedAndNoOthers() {
    LeasedMachine machine = machine(7, 100, 200, 1_000);
    assertThat(usable(machine, 99, 0)).isEmpty();
    assertThat(usable(machine, 100, 0)).containsExactly(7);
    assertThat(usable(machine, 200, 0)).containsExactly(7);
    assertThat(usable(machine, 201, 0)).isEmpty();
  }

  @Test
  void aMachineIdIsUsableUntilItsLeaseMayEnd() {
    LeasedMachine machine = machine(7, 100, 200, 1_000);
    assertThat(usable(machine, 100, 999)).containsExactly(7);
    assertThat(usable(machine, 100, 1_000)).isEmpty();
    LeasedMachine overflowing = machine(7, 100, 200, Long.MIN_VALUE + 5);
    assertThat(usable(overflowing, 100, Long.MAX_VALUE - 5)).containsExactly(7);
    assertThat(usable(overflowing, 100, Long.MIN_VALUE + 5)).isEmpty();
  }

  @Test
  void machineIdsAscendAndAreValidUntilTheFirstOfThemIsNot() {
    Reservation reservation =
        new Reservation(
            CLOCK,
            List.of(machine(9, 1, 200, 700), machine(3, 1, 200, 600), machine(5, 150, 200, 10)));
    Reservation.Usable usable = reservation.usableAt(100, 1);
    assertThat(usable.machineIds()).containsExactly(3, 9);
    assertThat(usable.validUntilNanos()).isEqualTo(600);
    assertThat(usable.isEmpty()).isFalse();
    assertThat(reservation.usableAt(201, 1).isEmpty()).isTrue();
  }
}
