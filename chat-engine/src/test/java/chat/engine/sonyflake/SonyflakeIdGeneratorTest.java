package chat.engine.sonyflake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.contract.IdGeneratorContract;
import chat.engine.memory.InMemoryMachineIdLeases;
import chat.engine.spi.IdGenerator;
import chat.engine.spi.MachineIdLeases.Lease;
import chat.engine.spi.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class SonyflakeIdGeneratorTest extends IdGeneratorContract {
  private static final int PER_UNIT = 256;

  private final InMemoryMachineIdLeases leases = new InMemoryMachineIdLeases();
  private final TestClocks clocks = new TestClocks();
  private final GivenMachines machines = new GivenMachines();
  private final SonyflakeIdGenerator generator =
      new SonyflakeIdGenerator(machines, clocks::nanoTime);

  @Override
  protected IdGenerator newGenerator() {
    return SonyflakeIdGenerator.create(leases);
  }

  /** Machine ids that the test gives and takes. */
  private final class GivenMachines implements Machines {
    private final SteadyClock clock = SteadyClock.startingAt(clocks.instant(), clocks.nanoTime());
    private volatile Reservation reservation = new Reservation(clock, List.of());
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger closed = new AtomicInteger();

    /** Each for an hour around now. */
    void give(int... machineIds) {
      give(
          Arrays.stream(machineIds)
              .mapToObj(
                  id -> machine(id, 1, clocks.units() + 360_000, Duration.ofHours(1).toNanos()))
              .toArray(LeasedMachine[]::new));
    }

    void give(LeasedMachine... given) {
      reservation = new Reservation(clock, List.of(given));
    }

    @Override
    public Reservation reservation() {
      return reservation;
    }

    @Override
    public void requestMore() {
      requests.incrementAndGet();
    }

    @Override
    public void close() {
      closed.incrementAndGet();
    }
  }

  private LeasedMachine machine(int machineId, long first, long last, long validForNanos) {
    return new LeasedMachine(
        new Lease(machineId, "token", 0), first, last, clocks.nanoTime() + validForNanos);
  }

  private static void assertId(long id, long time, int sequence, int machineId) {
    assertThat(List.of(Sonyflake.time(id), Sonyflake.sequence(id), Sonyflake.machineId(id)))
        .containsExactly(time, sequence, machineId);
  }

  // ---- counting

  @Test
  void idsTakeTurnsOverTheMachineIdsWithinAUnit() {
    machines.give(3, 7);
    long[] ids = generator.next(5);
    assertId(ids[0], clocks.units(), 0, 3);
    assertId(ids[1], clocks.units(), 0, 7);
    assertId(ids[2], clocks.units(), 1, 3);
    assertId(ids[3], clocks.units(), 1, 7);
    assertId(ids[4], clocks.units(), 2, 3);
    assertId(generator.next(1)[0], clocks.units(), 2, 7);
    clocks.pass(Duration.ofMillis(10));
    assertId(generator.next(1)[0], clocks.units(), 0, 3);
  }

  @Test
  void idsRunOneUnitAheadOfTheClockAndNoFurther() {
    machines.give(3);
    long[] ids = generator.next(2 * PER_UNIT);
    assertId(ids[PER_UNIT - 1], clocks.units(), 255, 3);
    assertId(ids[PER_UNIT], clocks.units() + 1, 0, 3);
    assertId(ids[2 * PER_UNIT - 1], clocks.units() + 1, 255, 3);
    assertThat(machines.requests).hasValue(0);
    CompletableFuture<long[]> next = CompletableFuture.supplyAsync(() -> generator.next(1));
    await().until(() -> machines.requests.get() > 3);
    assertThat(next).isNotDone();
    clocks.pass(Duration.ofMillis(10));
    assertId(next.join()[0], clocks.units() + 1, 0, 3);
  }

  @Test
  void machineIdsThatChangeStartWithTheNextSequenceNumber() {
    machines.give(3, 7);
    generator.next(1);
    machines.give(1, 3);
    long[] ids = generator.next(3);
    assertId(ids[0], clocks.units(), 1, 1);
    assertId(ids[1], clocks.units(), 1, 3);
    assertId(ids[2], clocks.units(), 2, 1);
  }

  @Test
  void machineIdsThatChangeBetweenTwoSequenceNumbersCostNone() {
    machines.give(3, 7);
    generator.next(2);
    machines.give(1);
    assertId(generator.next(1)[0], clocks.units(), 1, 1);
  }

  @Test
  void machineIdsThatAreOnlyRenewedGoOnWhereTheyWere() {
    machines.give(3, 7);
    generator.next(1);
    machines.give(3, 7);
    assertId(generator.next(1)[0], clocks.units(), 0, 7);
  }

  @Test
  void machineIdsThatChangeAtTheLastSequenceNumberStartTheNextUnit() {
    machines.give(3, 7);
    generator.next(2 * PER_UNIT - 1);
    machines.give(1);
    assertId(generator.next(1)[0], clocks.units() + 1, 0, 1);
  }

  @Test
  void machineIdsThatChangeAtTheLastSequenceNumberMustBeReservedForTheNextUnit() {
    machines.give(3, 7);
    generator.next(2 * PER_UNIT - 1);
    machines.give(machine(1, 1, clocks.units(), Long.MAX_VALUE / 2));
    assertThatThrownBy(() -> generator.next(1)).isInstanceOf(StoreUnavailableException.class);
  }

  // ---- what is reserved

  @Test
  void withoutAMachineIdThereAreNoIdsAndOneIsAskedFor() {
    assertThat(generator.ready()).isFalse();
    assertThatThrownBy(() -> generator.next(1))
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessageContaining("no machine id is leased");
    assertThat(machines.requests).hasValue(1);
    machines.give(5);
    assertThat(generator.ready()).isTrue();
    assertId(generator.next(1)[0], clocks.units(), 0, 5);
  }

  @Test
  void noIdHasATimeThatIsNotReserved() {
    long now = clocks.units();
    machines.give(machine(5, 1, now, Long.MAX_VALUE / 2));
    assertThat(generator.next(PER_UNIT)).hasSize(PER_UNIT);
    assertThat(generator.ready()).isFalse(); // the next one would be of the next unit
    assertThatThrownBy(() -> generator.next(1)).isInstanceOf(StoreUnavailableException.class);
    machines.give(machine(5, 1, now + 1, Long.MAX_VALUE / 2), machine(6, 1, now, 1_000_000));
    assertId(generator.next(1)[0], now + 1, 0, 5);
    clocks.pass(Duration.ofMillis(20));
    assertThat(generator.ready()).isFalse();
    assertThatThrownBy(() -> generator.next(1)).isInstanceOf(StoreUnavailableException.class);
  }

  @Test
  void aMachineIdThatWasUsedUpToATimeAheadWaitsForTheClock() {
    machines.give(machine(5, clocks.units() + 2, Sonyflake.MAX_TIME, Long.MAX_VALUE / 2));
    assertThat(generator.ready()).isFalse();
    assertThatThrownBy(() -> generator.next(1))
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessageContaining("not reached");
    clocks.pass(Duration.ofMillis(20));
    assertThat(generator.ready()).isTrue();
    assertId(generator.next(1)[0], clocks.units(), 0, 5);
  }

  @Test
  void idsStopWhenTheLeaseMayHaveEnded() {
    machines.give(machine(5, 1, Sonyflake.MAX_TIME, Duration.ofSeconds(25).toNanos()));
    clocks.pass(Duration.ofSeconds(25).minusNanos(1));
    assertThat(generator.next(1)).hasSize(1);
    clocks.pass(Duration.ofNanos(1));
    assertThat(generator.ready()).isFalse();
    assertThatThrownBy(() -> generator.next(1)).isInstanceOf(StoreUnavailableException.class);
  }

  @Test
  void idsAreNotHandedOutIfTheProcessStoodStillUntilTheLeaseEnded() {
    AtomicInteger readings = new AtomicInteger();
    SonyflakeIdGenerator paused =
        new SonyflakeIdGenerator(
            machines,
            () -> {
              if (readings.incrementAndGet() == 2) {
                clocks.pass(Duration.ofSeconds(25));
              }
              return clocks.nanoTime();
            });
    machines.give(machine(5, 1, Sonyflake.MAX_TIME, Duration.ofSeconds(25).toNanos()));
    assertThatThrownBy(() -> paused.next(1))
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessageContaining("ended while");
    assertThat(readings).hasValue(2);
    machines.give(5);
    assertThat(paused.next(1)).hasSize(1);
  }

  @Test
  void afterTheLastTimeThereAreNoIds() {
    TestClocks late = new TestClocks(Instant.MAX);
    SonyflakeIdGenerator last = SonyflakeIdGenerator.fixed(65_535, late, late::nanoTime);
    long[] ids = last.next(PER_UNIT);
    assertThat(ids[PER_UNIT - 1]).isEqualTo(Long.MAX_VALUE);
    assertThatThrownBy(() -> last.next(1))
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessageContaining("39 bits");
    assertThat(last.ready()).isFalse();
  }

  @Test
  void aClockBeforeTheFirstTimeStillGivesPositiveIds() {
    TestClocks early = new TestClocks(Instant.EPOCH);
    SonyflakeIdGenerator first = SonyflakeIdGenerator.fixed(0, early, early::nanoTime);
    assertId(first.next(1)[0], 1, 0, 0);
  }

  // ---- clocks

  @Test
  void aClockThatIsSetBackRepeatsNothingAndStopsNothing() {
    SonyflakeIdGenerator fixed = SonyflakeIdGenerator.fixed(7, clocks, clocks::nanoTime);
    long last = fixed.next(1)[0];
    clocks.setWallBy(Duration.ofHours(-1));
    for (int i = 0; i < 100; i++) {
      clocks.pass(Duration.ofMillis(10));
      long[] ids = fixed.next(200);
      assertThat(ids[0]).isGreaterThan(last);
      last = ids[199];
    }
  }

  @Test
  void theWallClockOfCreateIsTheOneThatIsGiven() {
    AtomicReference<Instant> wall = new AtomicReference<>(Instant.parse("2020-02-02T00:00:00Z"));
    try (IdGenerator old = SonyflakeIdGenerator.create(leases, 1, wall::get)) {
      assertThat(Sonyflake.instant(old.next(1)[0]))
          .isBetween(wall.get(), wall.get().plusSeconds(60));
      wall.updateAndGet(now -> now.plus(Duration.ofHours(5)));
      assertThat(Sonyflake.instant(old.next(1)[0])).isBefore(wall.get());
      wall.updateAndGet(now -> now.minus(Duration.ofDays(5)));
      assertThat(Sonyflake.instant(old.next(1)[0])).isAfter(wall.get());
    }
  }

  @Test
  void aRestartAfterTheClockWasSetBackStartsAtTheClockUnderAnotherMachineId() {
    AtomicReference<Instant> wall = new AtomicReference<>(TestClocks.START);
    SonyflakeIdGenerator first = SonyflakeIdGenerator.create(leases, 1, wall::get);
    long last = first.next(1)[0];
    first.close();
    wall.updateAndGet(now -> now.minus(Duration.ofHours(1)));
    try (IdGenerator second = SonyflakeIdGenerator.create(leases, 1, wall::get)) {
      long next = second.next(1)[0];
      assertThat(Sonyflake.machineId(next)).isNotEqualTo(Sonyflake.machineId(last));
      assertThat(Sonyflake.instant(next)).isBetween(wall.get(), wall.get().plusSeconds(60));
    }
  }

  // ---- the whole

  @Test
  void underLoadMoreMachineIdsAreLeased() {
    IdGenerator loaded = newGenerator();
    int first = Sonyflake.machineId(loaded.next(1)[0]);
    await()
        .until(
            () ->
                Stream.of(loaded.next(1_000))
                    .flatMapToLong(Arrays::stream)
                    .anyMatch(id -> Sonyflake.machineId(id) != first));
    loaded.close();
  }

  @Test
  void whatCannotBeIsRefused() {
    assertThatThrownBy(() -> SonyflakeIdGenerator.create(leases, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not 0");
    assertThatThrownBy(() -> SonyflakeIdGenerator.fixed(-1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SonyflakeIdGenerator.fixed(65_536))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(Sonyflake.machineId(SonyflakeIdGenerator.fixed(65_535).next(1)[0]))
        .isEqualTo(65_535);
    SonyflakeIdGenerator.create(leases, 1, InstantSource.system()).close();
  }

  @Test
  void whenItIsClosedItRefusesAndGivesItsMachineIdsBack() {
    machines.give(5);
    assertThat(generator.ready()).isTrue();
    generator.close();
    assertThat(machines.closed).hasValue(1);
    assertThat(generator.ready()).isFalse();
    assertThatThrownBy(() -> generator.next(1))
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessageContaining("closed");
    generator.close();
    assertThatThrownBy(() -> generator.next(0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aFixedMachineIdIsNotGivenBackToAnybody() {
    SonyflakeIdGenerator fixed = SonyflakeIdGenerator.fixed(7);
    assertThat(fixed.ready()).isTrue();
    fixed.close();
    assertThatThrownBy(() -> fixed.next(1)).isInstanceOf(StoreUnavailableException.class);
  }

  @Test
  void aCallThatWaitsForTheClockEndsWhenTheGeneratorIsClosed() {
    machines.give(5);
    generator.next(2 * PER_UNIT);
    CompletableFuture<long[]> waiting = CompletableFuture.supplyAsync(() -> generator.next(1));
    await().until(() -> machines.requests.get() > 0);
    generator.close();
    assertThatThrownBy(waiting::join)
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(StoreUnavailableException.class);
  }

  @Test
  void aCallThatWaitsForTheClockEndsWhenItsThreadIsInterrupted() throws Exception {
    machines.give(5);
    generator.next(2 * PER_UNIT);
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread caller =
        new Thread(
            () -> {
              try {
                generator.next(1);
                interrupted.complete(false);
              } catch (StoreUnavailableException expected) {
                interrupted.complete(Thread.currentThread().isInterrupted());
              }
            });
    caller.start();
    await().until(() -> machines.requests.get() > 0);
    caller.interrupt();
    assertThat(interrupted.get(30, TimeUnit.SECONDS)).isTrue();
    clocks.pass(Duration.ofMillis(10));
    assertThat(generator.next(1)).hasSize(1); // the lock is free again
  }
}
