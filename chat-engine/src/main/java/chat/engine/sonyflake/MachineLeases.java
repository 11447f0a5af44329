package chat.engine.sonyflake;

import chat.engine.spi.MachineIdLeases;
import chat.engine.spi.MachineIdLeases.Lease;
import chat.engine.spi.StoreUnavailableException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The machine ids that one generator has leased.
 *
 * <p>Each renewal reserves times: it notes with the lease a time that lies one lease time ahead of
 * the clock, and ids under this machine id stay at or below it. The next holder starts above it.
 * This makes ids unique even if a lease ends, by whatever clock, while its holder still uses it.
 *
 * <p>The clock is corrected together with a renewal, so it never runs past what is reserved.
 *
 * <p>{@link #reservation} is thread-safe and never blocks. The other methods ask the lease service;
 * one thread at a time may call them.
 */
final class MachineLeases {
  private static final Logger log = LoggerFactory.getLogger(MachineLeases.class);
  private static final long MILLIS_PER_UNIT = 10;

  private final MachineIdLeases service;
  private final int maxMachines;
  private final InstantSource wallClock;
  private final LongSupplier nanoClock;
  private final Duration timeToLive;
  private final String owner;

  private volatile Reservation reservation;

  /** Whether the last renewal failed; used by the thread that renews. */
  private boolean failing;

  /**
   * Leases nothing yet.
   *
   * @param owner for people who look at the leases
   */
  MachineLeases(
      MachineIdLeases service,
      int maxMachines,
      InstantSource wallClock,
      LongSupplier nanoClock,
      String owner) {
    this.service = service;
    this.maxMachines = maxMachines;
    this.wallClock = wallClock;
    this.nanoClock = nanoClock;
    this.owner = owner;
    this.timeToLive = service.timeToLive();
    if (timeToLive.toMillis() < MILLIS_PER_UNIT) {
      throw new IllegalArgumentException(
          "a lease must last for at least " + MILLIS_PER_UNIT + " ms, not " + timeToLive);
    }
    SteadyClock clock = SteadyClock.startingAt(wallClock.instant(), nanoClock.getAsLong());
    this.reservation = new Reservation(clock, List.of());
  }

  Reservation reservation() {
    return reservation;
  }

  Duration renewalPeriod() {
    return timeToLive.dividedBy(3);
  }

  boolean isEmpty() {
    return reservation.machines().isEmpty();
  }

  boolean mayGrow() {
    return reservation.machines().size() < maxMachines;
  }

  /**
   * Leases one more machine id and reserves times for it. If that fails, nothing stays leased.
   *
   * @throws StoreUnavailableException if the leases cannot be reached
   * @throws IllegalStateException if all machine ids are taken
   */
  void addMachine() {
    SteadyClock clock = reservation.clock();
    Lease lease = service.acquire(owner, clock.units(nanoClock.getAsLong()));
    try {
      LeasedMachine machine = renewed(lease, lease.usedTime() + 1, clock);
      if (machine == null) {
        throw new StoreUnavailableException(
            "machine id " + lease.machineId() + " was lost as soon as it was leased", null);
      }
      List<LeasedMachine> more = new ArrayList<>(reservation.machines());
      more.add(machine);
      reservation = new Reservation(clock, more);
    } catch (Throwable fault) {
      release(lease, lease.usedTime());
      throw fault;
    }
  }

  /**
   * Corrects the clock, renews each lease and reserves times as of now. A lease that was lost is
   * forgotten; one whose renewal failed stays, and its machine id is usable until its time ends.
   *
   * @return the first failure, after all leases were tried; null if there was none
   */
  @Nullable Throwable renewAll() {
    boolean wasFailing = failing;
    Reservation before = reservation;
    SteadyClock clock = before.clock().follow(wallClock.instant(), nanoClock.getAsLong());
    List<LeasedMachine> after = new ArrayList<>();
    Throwable fault = null;
    int failures = 0;
    for (LeasedMachine machine : before.machines()) {
      try {
        LeasedMachine renewed = renewed(machine.lease(), machine.firstTime(), clock);
        if (renewed == null) {
          // while it could not be renewed it ended, which was said before
          log.atLevel(wasFailing ? Level.INFO : Level.WARN)
              .log("the lease of machine id {} was lost", machine.machineId());
        } else {
          after.add(renewed);
        }
      } catch (Throwable failed) {
        fault = fault == null ? failed : fault;
        failures++;
        after.add(machine);
      }
    }
    // A clock that is set forwards must not end what is reserved while nothing can be renewed.
    if (failures == 0 || failures < before.machines().size()) {
      tellSteps(before.clock(), clock);
      reservation = new Reservation(clock, after);
    }
    failing = fault != null;
    return fault;
  }

  /** Null if the lease was lost. */
  private @Nullable LeasedMachine renewed(Lease lease, long firstTime, SteadyClock clock) {
    long asked = nanoClock.getAsLong();
    long reserved =
        clock.units(asked)
            + SonyflakeIdGenerator.MAX_AHEAD
            + timeToLive.toMillis() / MILLIS_PER_UNIT;
    long lastTime = Math.min(reserved, Sonyflake.MAX_TIME);
    Optional<Lease> renewed = service.renew(lease, lastTime);
    // A sixth of the lease is kept back, for clocks that do not run at the same speed.
    long validUntil = asked + timeToLive.toNanos() / 6 * 5;
    return renewed.isEmpty()
        ? null
        : new LeasedMachine(renewed.get(), firstTime, lastTime, validUntil);
  }

  private static void tellSteps(SteadyClock before, SteadyClock now) {
    if (before.behindWall().isZero() && !now.behindWall().isZero()) {
      log.warn(
          "the clock of this machine was set forwards by {}; ids follow when it has stayed there for {}",
          now.behindWall(),
          SteadyClock.FOLLOWED_AFTER);
    }
    if (isAhead(now) && !isAhead(before)) {
      log.warn(
          "the clock of this machine was set back by {}; times in ids are ahead of it for twice as long",
          now.aheadOfWall());
    }
  }

  private static boolean isAhead(SteadyClock clock) {
    return clock.aheadOfWall().compareTo(SteadyClock.FOLLOWED_AT_ONCE) > 0;
  }

  /** Gives all machine ids back; what cannot be given back expires. Never throws. */
  void releaseAll() {
    Reservation last = reservation;
    reservation = new Reservation(last.clock(), List.of());
    long used = last.clock().units(nanoClock.getAsLong()) + SonyflakeIdGenerator.MAX_AHEAD;
    for (LeasedMachine machine : last.machines()) {
      release(machine.lease(), Math.min(used, machine.lastTime()));
    }
  }

  private void release(Lease lease, long usedTime) {
    try {
      service.release(lease, usedTime);
    } catch (Throwable endsByItself) {
      log.debug("machine id {} could not be released", lease.machineId(), endsByItself);
    }
  }
}
