package chat.engine.sonyflake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import chat.engine.memory.InMemoryMachineIdLeases;
import chat.engine.spi.MachineIdLeases;
import chat.engine.spi.MachineIdLeases.Lease;
import chat.engine.spi.StoreUnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Leases of 30 s, all on one test thread with clocks that the test moves. */
final class MachineLeasesTest {
  private static final long LEASE_UNITS = 3_000;
  private static final Duration RENEWAL = Duration.ofSeconds(10);

  private final TestClocks clocks = new TestClocks();
  private final InMemoryMachineIdLeases shared =
      new InMemoryMachineIdLeases(Duration.ofSeconds(30), clocks::nanoTime);
  private final ScriptedLeases service = new ScriptedLeases(shared);
  private final MachineLeases leases = newLeases();

  private MachineLeases newLeases() {
    return new MachineLeases(service, 3, clocks, clocks::nanoTime, "test");
  }

  private LeasedMachine machine(int index) {
    return leases.reservation().machines().get(index);
  }

  private int[] usableNow() {
    Reservation reservation = leases.reservation();
    long nanos = clocks.nanoTime();
    return reservation.usableAt(reservation.clock().units(nanos), nanos).machineIds();
  }

  /** The used time that the service remembers. */
  private long usedTime(Lease lease) {
    return shared.renew(lease, 0).orElseThrow().usedTime();
  }

  @Test
  void aNewMachineIdIsReservedForOneLeaseTimeAhead() {
    assertThat(leases.isEmpty()).isTrue();
    leases.addMachine();
    assertThat(leases.isEmpty()).isFalse();
    assertThat(machine(0).firstTime()).isEqualTo(1);
    assertThat(machine(0).lastTime()).isEqualTo(clocks.units() + LEASE_UNITS + 1);
    assertThat(machine(0).validUntilNanos() - clocks.nanoTime())
        .isEqualTo(Duration.ofSeconds(25).toNanos());
    assertThat(usedTime(machine(0).lease())).isEqualTo(machine(0).lastTime());
    assertThat(usableNow()).containsExactly(0);
  }

  @Test
  void theTimeOfALeaseCountsFromBeforeTheCall() {
    service.beforeRenewal = () -> clocks.pass(Duration.ofSeconds(4));
    leases.addMachine();
    assertThat(machine(0).validUntilNanos() - clocks.nanoTime())
        .isEqualTo(Duration.ofSeconds(21).toNanos());
  }

  @Test
  void moreMachineIdsComeUpToTheBound() {
    for (int i = 0; i < 3; i++) {
      assertThat(leases.mayGrow()).isTrue();
      leases.addMachine();
    }
    assertThat(leases.mayGrow()).isFalse();
    assertThat(usableNow()).containsExactly(0, 1, 2);
  }

  @Test
  void renewalsAreAThirdOfALeaseApart() {
    assertThat(leases.renewalPeriod()).isEqualTo(RENEWAL);
  }

  @Test
  void whatIsReservedStaysOneLeaseTimeAheadHoweverOftenItIsRenewed() {
    leases.addMachine();
    for (int i = 0; i < 10_000; i++) {
      clocks.pass(RENEWAL);
      assertThat(leases.renewAll()).isNull();
      assertThat(machine(0).lastTime()).isEqualTo(clocks.units() + LEASE_UNITS + 1);
      assertThat(machine(0).firstTime()).isEqualTo(1);
      assertThat(usableNow()).containsExactly(0);
    }
    assertThat(usedTime(machine(0).lease())).isEqualTo(clocks.units() + LEASE_UNITS + 1);
  }

  @Test
  void afterACrashTheNextHolderStartsAtTheClock() {
    leases.addMachine();
    clocks.pass(Duration.ofMinutes(10));
    leases.renewAll();
    leases.addMachine(); // the last was lost meanwhile
    MachineLeases next = newLeases(); // the process was killed: nothing is released
    next.addMachine();
    LeasedMachine machine = next.reservation().machines().get(0);
    assertThat(machine.machineId()).isNotEqualTo(machine(0).machineId());
    assertThat(machine.firstTime()).isLessThanOrEqualTo(clocks.units());
    clocks.pass(Duration.ofSeconds(30).plusMillis(20));
    MachineLeases later = newLeases();
    later.addMachine();
    assertThat(later.reservation().machines().get(0).machineId()).isEqualTo(machine(0).machineId());
    assertThat(later.reservation().machines().get(0).firstTime())
        .isLessThanOrEqualTo(clocks.units());
  }

  @Test
  void aMachineIdWhoseUsedTimeIsAheadStartsAboveIt() {
    MachineIdLeases single = new OneMachine(clocks.units() + 500);
    MachineLeases ahead = new MachineLeases(single, 1, clocks, clocks::nanoTime, "test");
    ahead.addMachine();
    LeasedMachine machine = ahead.reservation().machines().get(0);
    assertThat(machine.firstTime()).isEqualTo(clocks.units() + 501);
    clocks.pass(RENEWAL);
    ahead.renewAll();
    machine = ahead.reservation().machines().get(0);
    assertThat(machine.firstTime()).isEqualTo(clocks.units() - 1_000 + 501);
    assertThat(machine.lastTime()).isEqualTo(clocks.units() + LEASE_UNITS + 1);
  }

  /** One machine id, used up to some time, which is leased to anyone who asks. */
  private record OneMachine(long usedTime) implements MachineIdLeases {
    @Override
    public Duration timeToLive() {
      return Duration.ofSeconds(30);
    }

    @Override
    public Lease acquire(String owner, long now) {
      return new Lease(65_535, "token", usedTime);
    }

    @Override
    public Optional<Lease> renew(Lease lease, long newUsedTime) {
      return Optional.of(new Lease(65_535, "token", newUsedTime));
    }

    @Override
    public void release(Lease lease, long newUsedTime) {}

    @Override
    public void close() {}
  }

  @Test
  void theServiceIsToldTheTimeOfTheClock() {
    long[] told = {0};
    MachineIdLeases asking =
        new MachineIdLeases() {
          @Override
          public Duration timeToLive() {
            return Duration.ofSeconds(30);
          }

          @Override
          public Lease acquire(String owner, long now) {
            told[0] = now;
            return new Lease(1, owner, 0);
          }

          @Override
          public Optional<Lease> renew(Lease lease, long usedTime) {
            return Optional.of(lease);
          }

          @Override
          public void release(Lease lease, long usedTime) {}

          @Override
          public void close() {}
        };
    MachineLeases asked = new MachineLeases(asking, 1, clocks, clocks::nanoTime, "host 7");
    clocks.pass(RENEWAL);
    asked.addMachine();
    assertThat(told[0]).isEqualTo(clocks.units());
    assertThat(asked.reservation().machines().get(0).lease().token()).isEqualTo("host 7");
  }

  @Test
  void aLostLeaseIsForgotten() {
    leases.addMachine();
    leases.addMachine();
    shared.release(machine(0).lease(), 0);
    clocks.pass(RENEWAL);
    assertThat(leases.renewAll()).isNull();
    assertThat(usableNow()).containsExactly(1);
  }

  @Test
  void aLeaseWhoseRenewalFailsIsUsedUntilItMayEndAndRenewedWhenThatWorksAgain() {
    leases.addMachine();
    StoreUnavailableException away = new StoreUnavailableException("on purpose", null);
    service.renewFault = () -> away;
    clocks.pass(RENEWAL);
    assertThat(leases.renewAll()).isSameAs(away);
    clocks.pass(Duration.ofSeconds(15).minusNanos(1));
    assertThat(usableNow()).containsExactly(0);
    clocks.pass(Duration.ofNanos(1));
    assertThat(leases.renewAll()).isSameAs(away);
    assertThat(usableNow()).isEmpty();
    service.renewFault = null;
    clocks.pass(Duration.ofSeconds(4));
    assertThat(leases.renewAll()).isNull();
    assertThat(usableNow()).containsExactly(0);
  }

  @Test
  void ofSeveralFailuresTheFirstIsToldAndTheOthersAreRenewedAllTheSame() {
    leases.addMachine();
    leases.addMachine();
    leases.addMachine();
    int[] thrown = {0};
    service.renewFault = () -> new IllegalStateException("fault " + thrown[0]++);
    assertThat(leases.renewAll()).hasMessage("fault 0");
    assertThat(thrown[0]).isEqualTo(3);
    service.failingMachine = 0;
    clocks.pass(RENEWAL);
    assertThat(leases.renewAll()).hasMessage("fault 3");
    clocks.pass(Duration.ofSeconds(20));
    assertThat(usableNow()).containsExactly(1, 2);
  }

  @Test
  void aClockThatIsSetForwardsEndsOnlyWhatCouldNotBeReservedAnew() {
    leases.addMachine();
    leases.addMachine();
    clocks.setWallBy(Duration.ofHours(1));
    for (int i = 0; i < 6; i++) {
      leases.renewAll();
      clocks.pass(RENEWAL);
    }
    assertThat(usableNow()).containsExactly(0, 1);
    service.renewFault = () -> new IllegalStateException("on purpose");
    leases.renewAll(); // nobody can be renewed, so the clock stays
    assertThat(usableNow()).containsExactly(0, 1);
    service.failingMachine = 1;
    leases.renewAll(); // the clock moves by an hour; machine id 1 has nothing reserved there
    assertThat(leases.reservation().clock().units(clocks.nanoTime())).isEqualTo(clocks.units());
    assertThat(usableNow()).containsExactly(0);
    service.renewFault = null;
    leases.renewAll();
    assertThat(usableNow()).containsExactly(0, 1);
  }

  @Test
  void theClockIsCorrectedEvenWhileNothingIsLeased() {
    clocks.setWallBy(Duration.ofMillis(500));
    leases.renewAll();
    assertThat(leases.reservation().clock().units(clocks.nanoTime())).isEqualTo(clocks.units());
  }

  @Test
  void theLastTimeOfAnIdIsNeverPassed() {
    clocks.setWallBy(Duration.ofDays(365 * 200));
    MachineLeases late = newLeases();
    late.addMachine();
    assertThat(late.reservation().machines().get(0).lastTime()).isEqualTo(Sonyflake.MAX_TIME);
  }

  @Test
  void aMachineIdThatCannotBeReservedIsGivenBack() {
    service.renewFault = () -> new StackOverflowError("on purpose");
    assertThatThrownBy(leases::addMachine).isInstanceOf(StackOverflowError.class);
    assertThat(service.held).isEmpty();
    assertThat(leases.isEmpty()).isTrue();
    service.renewFault = () -> new IllegalStateException("on purpose");
    service.releaseFault = () -> new StackOverflowError("also on purpose");
    assertThatThrownBy(leases::addMachine).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aMachineIdThatIsLostAtOnceIsNotUsed() {
    service.beforeRenewal = () -> clocks.pass(Duration.ofSeconds(31));
    assertThatThrownBy(leases::addMachine)
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessageContaining("machine id 0");
    assertThat(leases.isEmpty()).isTrue();
  }

  @Test
  void allAreGivenBackWithWhatTheyUsedEvenIfOneCannotBe() {
    leases.addMachine();
    leases.addMachine();
    List<LeasedMachine> machines = leases.reservation().machines();
    int[] calls = {0};
    service.beforeRelease =
        () -> {
          if (calls[0]++ == 0) {
            throw new StackOverflowError("on purpose");
          }
        };
    leases.releaseAll();
    assertThat(leases.isEmpty()).isTrue();
    assertThat(calls[0]).isEqualTo(2);
    assertThat(shared.renew(machines.get(0).lease(), 0)).isPresent();
    assertThat(shared.renew(machines.get(1).lease(), 0)).isEmpty();
  }

  @Test
  void theTimeThatIsGivenBackIsTheClocksOrWhatWasReservedIfThatIsLess() {
    long[] told = {0};
    MachineIdLeases noting =
        new MachineIdLeases() {
          @Override
          public Duration timeToLive() {
            return Duration.ofMillis(10);
          }

          @Override
          public Lease acquire(String owner, long now) {
            return new Lease(1, "token", 0);
          }

          @Override
          public Optional<Lease> renew(Lease lease, long usedTime) {
            return Optional.of(lease);
          }

          @Override
          public void release(Lease lease, long usedTime) {
            told[0] = usedTime;
          }

          @Override
          public void close() {}
        };
    MachineLeases brief = new MachineLeases(noting, 1, clocks, clocks::nanoTime, "test");
    brief.addMachine();
    brief.releaseAll();
    assertThat(told[0]).isEqualTo(clocks.units() + 1);
    brief.addMachine();
    long reserved = brief.reservation().machines().get(0).lastTime();
    clocks.pass(RENEWAL);
    brief.releaseAll();
    assertThat(told[0]).isEqualTo(reserved);
  }

  @Test
  void leasesShorterThanTheUnitOfTimeAreRefused() {
    InMemoryMachineIdLeases brief =
        new InMemoryMachineIdLeases(Duration.ofMillis(9), clocks::nanoTime);
    assertThatThrownBy(() -> new MachineLeases(brief, 1, clocks, clocks::nanoTime, "test"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("PT0.009S");
  }

  @Test
  void eachTimeThatTheWallClockIsSetIsToldOnce() {
    Logger logger = (Logger) LoggerFactory.getLogger(MachineLeases.class);
    ListAppender<ILoggingEvent> told = new ListAppender<>();
    told.start();
    logger.addAppender(told);
    try {
      leases.addMachine();
      clocks.setWallBy(Duration.ofSeconds(-1)); // no more than clocks may differ
      renew(1);
      assertThat(told.list).isEmpty();
      clocks.setWallBy(Duration.ofHours(-1));
      renew(3);
      assertThat(told.list).singleElement().asString().contains("set back");
      told.list.clear();
      clocks.setWallBy(Duration.ofHours(3));
      renew(3);
      assertThat(told.list).singleElement().asString().contains("set forwards");
    } finally {
      logger.detachAppender(told);
    }
  }

  private void renew(int times) {
    for (int i = 0; i < times; i++) {
      leases.renewAll();
      clocks.pass(RENEWAL);
    }
  }
}
