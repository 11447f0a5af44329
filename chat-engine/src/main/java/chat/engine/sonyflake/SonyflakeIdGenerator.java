package chat.engine.sonyflake;

import chat.engine.spi.IdGenerator;
import chat.engine.spi.MachineIdLeases;
import chat.engine.spi.MachineIdLeases.Lease;
import chat.engine.spi.StoreUnavailableException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Generates {@linkplain Sonyflake Sonyflake ids} under leased machine ids.
 *
 * <p>One machine id gives 256 ids in 10 ms, 25,600 a second. When callers have to wait for the
 * clock, more machine ids are leased, up to a bound; within one unit of 10 ms the ids then go round
 * the machines, so that they still ascend.
 *
 * <p>Three things could repeat an id, and each is shut out. <b>The clock is set back:</b> time here
 * follows the wall clock forwards only, and the monotonic clock otherwise. <b>A restart after
 * that:</b> each renewal notes with the lease a time ahead, up to which ids may be made until the
 * next one; whoever holds the machine id next starts above it. <b>A lease is lost:</b> ids stop, by
 * the monotonic clock, before the lease can have run out, counted from before the call that gave
 * it.
 *
 * <p>Thread-safe. The lock is held to count, not while the lease service is asked.
 */
public final class SonyflakeIdGenerator implements IdGenerator {
  /**
   * How many machine ids one generator leases at most unless told otherwise: 204,800 ids a second.
   */
  public static final int DEFAULT_MAX_MACHINES = 8;

  private static final Logger log = LoggerFactory.getLogger(SonyflakeIdGenerator.class);

  /** How far ids may run ahead of the clock, in units of 10 ms, before callers wait for it. */
  private static final long MAX_AHEAD = 1;

  private static final Duration CLOSE_WAIT = Duration.ofSeconds(1);
  private static final Duration FIRST_RETRY = Duration.ofMillis(250);
  private static final Duration LONGEST_RETRY = Duration.ofSeconds(2);
  private static final Duration WARNING_PERIOD = Duration.ofMinutes(1);

  /**
   * A machine id that may be used until a time of the monotonic clock and up to a Sonyflake time.
   */
  private record Slot(Lease lease, long validUntilNanos, long usableTime) {
    static final long ALWAYS = Long.MAX_VALUE;
  }

  private final @Nullable MachineIdLeases leases;
  private final Ticker ticker;
  private final int maxMachines;
  private final String owner;
  private final @Nullable Thread renewer;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition clockMoved = lock.newCondition();
  private final Condition renewalWanted = lock.newCondition();

  // All below is guarded by the lock.
  private List<Slot> slots = List.of();
  private final SteadyClock clock;
  private long time;
  private int sequence;
  private int slotIndex;
  private boolean moreMachinesWanted;
  private boolean closed;

  /** Used by the renewing thread only. */
  private long nextWarningNanos;

  private SonyflakeIdGenerator(@Nullable MachineIdLeases leases, int maxMachines, Ticker ticker) {
    this.leases = leases;
    this.maxMachines = maxMachines;
    this.ticker = ticker;
    this.clock = new SteadyClock(ticker);
    this.nextWarningNanos = ticker.nanoTime();
    this.owner = ManagementFactory.getRuntimeMXBean().getName();
    this.renewer = leases == null ? null : new Thread(this::renewForever, "chat-id-lease");
  }

  /**
   * Leases a machine id now, and more when they are needed. Blocks for the first one. The leases
   * are not closed with the generator.
   *
   * @throws StoreUnavailableException if the leases cannot be reached
   */
  public static SonyflakeIdGenerator create(MachineIdLeases leases) {
    return create(leases, DEFAULT_MAX_MACHINES);
  }

  /**
   * As {@link #create(MachineIdLeases)}, with another bound on the machine ids of this generator.
   */
  public static SonyflakeIdGenerator create(MachineIdLeases leases, int maxMachines) {
    return create(leases, maxMachines, Ticker.system());
  }

  static SonyflakeIdGenerator create(MachineIdLeases leases, int maxMachines, Ticker ticker) {
    if (maxMachines < 1) {
      throw new IllegalArgumentException("at least one machine id, not " + maxMachines);
    }
    SonyflakeIdGenerator generator = new SonyflakeIdGenerator(leases, maxMachines, ticker);
    generator.addMachine(leases);
    Thread thread = generator.renewer;
    if (thread != null) {
      thread.setDaemon(true);
      thread.start();
    }
    return generator;
  }

  /**
   * Always uses the given machine id. Only for a process that is certain to be alone with it, such
   * as a test: nothing guards against another with the same, nor against a restart after the clock
   * was set back.
   *
   * @param machineId 0 to 65,535
   */
  public static SonyflakeIdGenerator fixed(int machineId) {
    return fixed(machineId, Ticker.system());
  }

  static SonyflakeIdGenerator fixed(int machineId, Ticker ticker) {
    if (machineId < 0 || machineId > 0xffff) {
      throw new IllegalArgumentException("a machine id is 0 to 65535, not " + machineId);
    }
    SonyflakeIdGenerator generator = new SonyflakeIdGenerator(null, 1, ticker);
    generator.slots =
        List.of(new Slot(new Lease(machineId, "fixed", 0), Slot.ALWAYS, Sonyflake.MAX_TIME));
    return generator;
  }

  @Override
  public long[] next(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("at least one id, not " + count);
    }
    long[] ids = new long[count];
    lock.lock();
    try {
      for (int i = 0; i < count; i++) {
        ids[i] = nextLocked();
      }
    } finally {
      lock.unlock();
    }
    return ids;
  }

  /** Whether a lease is held that has not ended. */
  @Override
  public boolean ready() {
    lock.lock();
    try {
      long nanos = ticker.nanoTime();
      long wanted = Math.max(time, clock.units());
      return !closed && slots.stream().anyMatch(slot -> isUsable(slot, nanos, wanted));
    } finally {
      lock.unlock();
    }
  }

  private static boolean isUsable(Slot slot, long nanos, long wanted) {
    return slot.validUntilNanos() == Slot.ALWAYS
        || (nanos - slot.validUntilNanos() < 0 && wanted <= slot.usableTime());
  }

  private long nextLocked() {
    followClock();
    while (time - clock.units() > MAX_AHEAD) {
      askForMoreMachines();
      try {
        clockMoved.awaitNanos(TimeUnit.MILLISECONDS.toNanos(1));
      } catch (InterruptedException stop) {
        Thread.currentThread().interrupt();
        throw new StoreUnavailableException("interrupted while waiting for an id", stop);
      }
      followClock();
    }
    long id = Sonyflake.compose(time, sequence, slots.get(slotIndex).lease().machineId());
    slotIndex++;
    if (slotIndex == slots.size()) {
      slotIndex = 0;
      sequence++;
      if (sequence == Sonyflake.IDS_PER_UNIT) {
        sequence = 0;
        time++;
      }
    }
    return id;
  }

  private void followClock() {
    long now = clock.units();
    if (now > time) {
      time = now;
      sequence = 0;
      slotIndex = 0;
    }
    if ((slotIndex == 0 && sequence == 0) || slots.isEmpty() || closed) {
      dropUnusable();
    }
  }

  /** Forgets machine ids whose lease may have run out; if none is left, ids stop. */
  private void dropUnusable() {
    if (closed) {
      throw new StoreUnavailableException("the id generator is closed", null);
    }
    long nanos = ticker.nanoTime();
    long wanted = Math.max(time, clock.units());
    List<Slot> usable = slots;
    for (Slot slot : slots) {
      if (!isUsable(slot, nanos, wanted)) {
        if (usable == slots) {
          usable = new ArrayList<>(slots);
        }
        usable.remove(slot);
      }
    }
    if (usable != slots) {
      replaceSlots(usable);
    }
    if (slots.isEmpty()) {
      renewalWanted.signal();
      throw new StoreUnavailableException(
          "no machine id is leased at present, so no unique id can be made", null);
    }
  }

  /**
   * The next id is above all before it whatever the new machines are: it starts a sequence number
   * that is unused.
   */
  private void replaceSlots(List<Slot> changed) {
    List<Slot> sorted = new ArrayList<>(changed);
    sorted.sort(Comparator.comparingInt(slot -> slot.lease().machineId()));
    slots = List.copyOf(sorted);
    if (slotIndex > 0) {
      slotIndex = 0;
      sequence++;
      if (sequence == Sonyflake.IDS_PER_UNIT) {
        sequence = 0;
        time++;
      }
    }
  }

  private void askForMoreMachines() {
    if (!moreMachinesWanted && slots.size() < maxMachines && leases != null) {
      moreMachinesWanted = true;
      renewalWanted.signal();
    }
  }

  // ---- leases

  /** Ends with the generator only: without this thread ids stop when the leases have ended. */
  private void renewForever() {
    MachineIdLeases service = leases;
    if (service == null) {
      return;
    }
    Duration retry = FIRST_RETRY;
    Throwable fault = null;
    long nextRenewal = ticker.nanoTime() + renewalPeriod(service);
    while (isOpen()) {
      try {
        if (fault == null) {
          retry = FIRST_RETRY;
        } else {
          pauseBeforeRetry(retry);
          retry = retry.compareTo(LONGEST_RETRY) < 0 ? retry.multipliedBy(2) : retry;
          warn(fault);
          fault = null;
        }
        awaitWork(nextRenewal);
        if (ticker.nanoTime() - nextRenewal >= 0) {
          fault = renewAll(service);
          if (fault == null) {
            nextRenewal = ticker.nanoTime() + renewalPeriod(service);
          }
        }
        addWantedMachine(service);
      } catch (Throwable anything) {
        fault = anything; // an Error too: whatever it was, the leases are asked again
      }
    }
  }

  private static long renewalPeriod(MachineIdLeases service) {
    return service.timeToLive().dividedBy(3).toNanos();
  }

  private boolean isOpen() {
    lock.lock();
    try {
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  /** Until it is time to renew, or machine ids are wanted. */
  private void awaitWork(long nextRenewal) throws InterruptedException {
    lock.lock();
    try {
      long wait = nextRenewal - ticker.nanoTime();
      while (!closed && !moreMachinesWanted && !slots.isEmpty() && wait > 0) {
        wait = renewalWanted.awaitNanos(wait);
      }
    } finally {
      lock.unlock();
    }
  }

  private void warn(Throwable fault) {
    long now = ticker.nanoTime();
    if (!(fault instanceof InterruptedException) && now - nextWarningNanos >= 0) {
      nextWarningNanos = now + WARNING_PERIOD.toNanos();
      log.warn(
          "machine ids cannot be leased or renewed; ids stop when the leases end, unless a retry succeeds: {}",
          fault.toString());
    }
  }

  /**
   * Renews what can be renewed; forgets a lease that could not be, and may have ended.
   *
   * @return a fault that is worth another try, or null if all went well
   */
  private @Nullable Throwable renewAll(MachineIdLeases service) {
    List<Slot> before;
    lock.lock();
    try {
      before = slots;
    } finally {
      lock.unlock();
    }
    Throwable fault = null;
    for (Slot slot : before) {
      try {
        Slot renewed = renewed(service, slot.lease());
        if (renewed == null) {
          log.warn(
              "the lease of machine id {} was lost; ids go on under another",
              slot.lease().machineId());
        }
        replace(slot, renewed);
      } catch (Throwable anything) {
        fault = anything;
        if (ticker.nanoTime() - slot.validUntilNanos() >= 0) {
          replace(slot, null);
        }
      }
    }
    return fault;
  }

  private void addWantedMachine(MachineIdLeases service) {
    boolean first;
    lock.lock();
    try {
      if (closed || !(moreMachinesWanted || slots.isEmpty())) {
        return;
      }
      first = slots.isEmpty();
    } finally {
      lock.unlock();
    }
    try {
      addMachine(service);
    } catch (StoreUnavailableException | IllegalStateException none) {
      if (first) {
        throw none;
      }
      log.debug("no further machine id could be leased", none);
    } finally {
      lock.lock();
      try {
        moreMachinesWanted = false;
      } finally {
        lock.unlock();
      }
    }
  }

  private void addMachine(MachineIdLeases service) {
    Lease lease = service.acquire(owner);
    Slot slot = renewed(service, lease);
    if (slot == null) {
      throw new StoreUnavailableException(
          "machine id " + lease.machineId() + " was lost at once", null);
    }
    lock.lock();
    try {
      clock.advanceTo(lease.usedTime() + 1);
      List<Slot> more = new ArrayList<>(slots);
      more.add(slot);
      replaceSlots(more);
      clockMoved.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Renews a lease and notes with it how far ahead ids may be made; null if it was lost. */
  private @Nullable Slot renewed(MachineIdLeases service, Lease lease) {
    long asked = ticker.nanoTime();
    Duration timeToLive = service.timeToLive();
    long horizon;
    lock.lock();
    try {
      horizon =
          Math.max(Math.max(clock.units(), time), lease.usedTime() + 1)
              + timeToLive.toMillis() / 10;
    } finally {
      lock.unlock();
    }
    Optional<Lease> renewed = service.renew(lease, horizon);
    // A sixth of the lease is kept back, for clocks that do not run at the same speed.
    long validUntil = asked + timeToLive.toNanos() / 6 * 5;
    return renewed.isEmpty() ? null : new Slot(renewed.get(), validUntil, horizon);
  }

  private void replace(Slot before, @Nullable Slot after) {
    lock.lock();
    try {
      List<Slot> changed = new ArrayList<>(slots);
      boolean wasThere = changed.remove(before);
      if (after != null) {
        changed.add(after);
        if (wasThere) {
          // The same machine in the same place: nothing changes for the order of ids.
          changed.sort(Comparator.comparingInt(slot -> slot.lease().machineId()));
          slots = List.copyOf(changed);
          return;
        }
      }
      replaceSlots(changed);
    } finally {
      lock.unlock();
    }
  }

  private void pauseBeforeRetry(Duration pause) throws InterruptedException {
    lock.lock();
    try {
      long wait = pause.toNanos();
      while (!closed && wait > 0) {
        wait = clockMoved.awaitNanos(wait);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Gives the machine ids back. Waits at most a second for a renewal under way. */
  @Override
  public void close() {
    List<Slot> held;
    long used;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      held = slots;
      slots = List.of();
      used = time;
      renewalWanted.signalAll();
      clockMoved.signalAll();
    } finally {
      lock.unlock();
    }
    MachineIdLeases service = leases;
    Thread thread = renewer;
    if (service == null || thread == null) {
      return;
    }
    thread.interrupt();
    try {
      thread.join(CLOSE_WAIT.toMillis());
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
    for (Slot slot : held) {
      service.release(slot.lease(), used);
    }
  }
}
