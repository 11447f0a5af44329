package chat.engine.sonyflake;

import chat.engine.sonyflake.Reservation.Usable;
import chat.engine.spi.IdGenerator;
import chat.engine.spi.MachineIdLeases;
import chat.engine.spi.MachineIdLeases.Lease;
import chat.engine.spi.StoreUnavailableException;
import java.lang.management.ManagementFactory;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Generates {@linkplain Sonyflake Sonyflake ids} under leased machine ids.
 *
 * <p>One machine id gives 256 ids in 10 ms, 25,600 per second. When callers have to wait for the
 * clock, more machine ids are leased, up to a bound. Within one unit of 10 ms the ids take turns
 * over the machine ids, in ascending order.
 *
 * <p>Ids stay unique because times are reserved before they are used: a lease notes up to which
 * time its machine id may be used, and the next holder starts above it. This holds when a clock is
 * set, when the process stands still for longer than its lease, and after a crash. How far ids are
 * from the clock is described at {@link IdGenerator}; the clock of a generator starts at the wall
 * clock and then runs with the monotonic clock, corrected with each renewal. A wall clock that is
 * set back slows it to half speed until both agree again. A wall clock that is set forwards by more
 * than a second is followed once it has stayed there for a minute.
 *
 * <p>Thread-safe. {@link #next} waits for the clock only, never for the lease service.
 */
public final class SonyflakeIdGenerator implements IdGenerator {
  /**
   * How many machine ids one generator leases at most unless told otherwise: 204,800 ids per
   * second.
   */
  public static final int DEFAULT_MAX_MACHINES = 8;

  /** How far ids may run ahead of the clock, in units of 10 ms, before callers wait for it. */
  static final long MAX_AHEAD = 1;

  private static final long CLOCK_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final Machines machines;
  private final LongSupplier nanoClock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition closing = lock.newCondition();

  // Guarded by the lock. The next id has this time, this sequence number, and the machine id at
  // this
  // position; every combination below it counts as used.
  private long time = 1;
  private int sequence;
  private int position;
  private int[] machineIds = {};
  private boolean closed;

  SonyflakeIdGenerator(Machines machines, LongSupplier nanoClock) {
    this.machines = machines;
    this.nanoClock = nanoClock;
  }

  /**
   * Leases a machine id now, and more when they are needed. Blocks for the first one. The leases
   * are not closed with the generator.
   *
   * @throws StoreUnavailableException if the leases cannot be reached
   * @throws IllegalStateException if all machine ids are taken
   */
  public static SonyflakeIdGenerator create(MachineIdLeases leases) {
    return create(leases, DEFAULT_MAX_MACHINES);
  }

  /**
   * As {@link #create(MachineIdLeases)}, with another bound on the machine ids of this generator.
   *
   * @param maxMachines 1 or more
   */
  public static SonyflakeIdGenerator create(MachineIdLeases leases, int maxMachines) {
    return create(leases, maxMachines, InstantSource.system());
  }

  /**
   * As {@link #create(MachineIdLeases, int)}, with another wall clock, which may be set forwards
   * and back. The monotonic clock is always {@link System#nanoTime}.
   *
   * @param wallClock read by the calling thread now and by the renewing thread later
   */
  public static SonyflakeIdGenerator create(
      MachineIdLeases leases, int maxMachines, InstantSource wallClock) {
    if (maxMachines < 1) {
      throw new IllegalArgumentException("maxMachines must be at least 1, not " + maxMachines);
    }
    Objects.requireNonNull(wallClock, "wallClock");
    String owner = ManagementFactory.getRuntimeMXBean().getName();
    MachineLeases held = new MachineLeases(leases, maxMachines, wallClock, System::nanoTime, owner);
    return new SonyflakeIdGenerator(LeaseRenewer.start(held), System::nanoTime);
  }

  /**
   * Always uses the given machine id and reads the wall clock only now. Use it only in a process
   * that is certain to be the only one with this machine id, such as a test: nothing detects
   * another process with the same one, or a restart after the clock was set back.
   *
   * @param machineId 0 to 65,535
   */
  public static SonyflakeIdGenerator fixed(int machineId) {
    return fixed(machineId, InstantSource.system(), System::nanoTime);
  }

  static SonyflakeIdGenerator fixed(
      int machineId, InstantSource wallClock, LongSupplier nanoClock) {
    long nanos = nanoClock.getAsLong();
    LeasedMachine machine =
        new LeasedMachine(
            new Lease(machineId, "fixed", 0), 1, Sonyflake.MAX_TIME, nanos + Long.MAX_VALUE / 2);
    SteadyClock clock = SteadyClock.startingAt(wallClock.instant(), nanos);
    return new SonyflakeIdGenerator(
        Machines.fixed(new Reservation(clock, List.of(machine))), nanoClock);
  }

  @Override
  public long[] next(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("count must be at least 1, not " + count);
    }
    long[] ids = new long[count];
    lock.lock();
    try {
      int filled = 0;
      while (filled < count) {
        Usable usable = awaitUsable();
        filled = fillFromUnit(ids, filled);
        // The process may have stood still since the leases were looked at.
        if (nanoClock.getAsLong() - usable.validUntilNanos() >= 0) {
          throw new StoreUnavailableException(
              "the lease of a machine id ended while ids were made", null);
        }
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw new StoreUnavailableException("interrupted while waiting for an id", stop);
    } finally {
      lock.unlock();
    }
    return ids;
  }

  /** Whether a machine id is leased that may be used now. */
  @Override
  public boolean ready() {
    lock.lock();
    try {
      Reservation reservation = machines.reservation();
      long nanos = nanoClock.getAsLong();
      long wanted = Math.max(time, reservation.clock().units(nanos));
      return !closed && !reservation.usableAt(wanted, nanos).isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until the clock allows another id, and finds the machine ids that may be used for it. */
  private Usable awaitUsable() throws InterruptedException {
    while (true) {
      if (closed) {
        throw new StoreUnavailableException("the id generator is closed", null);
      }
      Reservation reservation = machines.reservation();
      long nanos = nanoClock.getAsLong();
      long now = reservation.clock().units(nanos);
      if (now > time) {
        beginUnit(now);
      }
      if (time - now > MAX_AHEAD) {
        machines.requestMore();
        closing.awaitNanos(CLOCK_WAIT_NANOS);
        continue;
      }
      Usable usable = reservation.usableAt(time, nanos);
      if (usable.isEmpty()) {
        machines.requestMore();
        throw new StoreUnavailableException(noneUsable(reservation), null);
      }
      if (useFromNowOn(usable.machineIds())) {
        return usable;
      }
    }
  }

  private void beginUnit(long next) {
    time = next;
    sequence = 0;
    position = 0;
  }

  /**
   * Other machine ids start with a sequence number that none has used yet, so that ids ascend.
   *
   * @return false if that was the last of its unit
   */
  private boolean useFromNowOn(int[] usable) {
    if (!Arrays.equals(usable, machineIds)) {
      machineIds = usable;
      if (position > 0) {
        position = 0;
        countSequence();
        return sequence > 0;
      }
    }
    return true;
  }

  private void countSequence() {
    sequence++;
    if (sequence == Sonyflake.IDS_PER_UNIT) {
      beginUnit(time + 1);
    }
  }

  /** Makes ids until there are enough, or the unit of 10 ms has no more. */
  private int fillFromUnit(long[] ids, int from) {
    long unit = time;
    int filled = from;
    while (filled < ids.length && time == unit) {
      ids[filled++] = Sonyflake.compose(time, sequence, machineIds[position]);
      position++;
      if (position == machineIds.length) {
        position = 0;
        countSequence();
      }
    }
    return filled;
  }

  private String noneUsable(Reservation reservation) {
    if (time > Sonyflake.MAX_TIME) {
      return "there are no more ids: the 39 bits of Sonyflake's time are used up";
    }
    return reservation.machines().stream().anyMatch(machine -> machine.firstTime() > time)
        ? "the leased machine id was used up to a time that the clock of this machine has not reached"
        : "no machine id is leased at present, so no unique id can be made";
  }

  /**
   * Gives the machine ids back. Waits for at most a second; if the lease service takes longer, its
   * thread gives them back when it answers. Idempotent.
   */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      closing.signalAll();
    } finally {
      lock.unlock();
    }
    machines.close();
  }
}
