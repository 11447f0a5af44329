package chat.engine.memory;

import chat.engine.spi.MachineIdLeases;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Machine-id leases for the engines of one JVM that share this object. Thread-safe; never blocks.
 * The JVM's end forgets them, and with them the times that were used.
 */
public final class InMemoryMachineIdLeases implements MachineIdLeases {
  private static final int MACHINES = 1 << 16;

  private record Held(String token, long expiresNanos, long usedTime) {}

  private final Duration timeToLive;
  private final LongSupplier nanoClock;
  private final int machines;
  private final Map<Integer, Held> held = new HashMap<>();

  /** Leases of 30 s. */
  public InMemoryMachineIdLeases() {
    this(Duration.ofSeconds(30), System::nanoTime);
  }

  /**
   * @param nanoClock a monotonic clock in nanoseconds
   */
  public InMemoryMachineIdLeases(Duration timeToLive, LongSupplier nanoClock) {
    this(timeToLive, nanoClock, MACHINES);
  }

  /**
   * Leases of a cluster with few machine ids, for tests.
   *
   * @param machines how many there are, 1 to 65,536
   */
  InMemoryMachineIdLeases(Duration timeToLive, LongSupplier nanoClock, int machines) {
    this.timeToLive = timeToLive;
    this.nanoClock = nanoClock;
    this.machines = machines;
  }

  @Override
  public Duration timeToLive() {
    return timeToLive;
  }

  @Override
  public synchronized Lease acquire(String owner, long now) {
    long nanos = nanoClock.getAsLong();
    int best = -1;
    for (int machineId = 0; machineId < machines; machineId++) {
      Held last = held.get(machineId);
      if (last != null && nanos - last.expiresNanos() < 0) {
        continue;
      }
      if (best < 0 || usedTime(last) < usedTime(held.get(best))) {
        best = machineId;
      }
      if (last == null || last.usedTime() < now) {
        break;
      }
    }
    if (best < 0) {
      throw new IllegalStateException("all " + machines + " machine ids are taken");
    }
    String token = UUID.randomUUID().toString();
    long usedTime = usedTime(held.get(best));
    held.put(best, new Held(token, nanos + timeToLive.toNanos(), usedTime));
    return new Lease(best, token, usedTime);
  }

  private static long usedTime(@Nullable Held held) {
    return held == null ? 0 : held.usedTime();
  }

  @Override
  public synchronized Optional<Lease> renew(Lease lease, long usedTime) {
    long now = nanoClock.getAsLong();
    Held current = held.get(lease.machineId());
    if (current == null
        || !current.token().equals(lease.token())
        || now - current.expiresNanos() >= 0) {
      return Optional.empty();
    }
    long noted = Math.max(usedTime, current.usedTime());
    held.put(lease.machineId(), new Held(lease.token(), now + timeToLive.toNanos(), noted));
    return Optional.of(new Lease(lease.machineId(), lease.token(), noted));
  }

  @Override
  public synchronized void release(Lease lease, long usedTime) {
    Held current = held.get(lease.machineId());
    if (current != null && current.token().equals(lease.token())) {
      long noted = Math.max(usedTime, current.usedTime());
      held.put(lease.machineId(), new Held("", nanoClock.getAsLong(), noted));
    }
  }

  @Override
  public void close() {}
}
