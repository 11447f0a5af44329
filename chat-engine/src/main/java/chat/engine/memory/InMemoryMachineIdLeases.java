package chat.engine.memory;

import chat.engine.spi.MachineIdLeases;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongSupplier;

/**
 * Machine-id leases for the engines of one JVM that share this object. Thread-safe; never blocks.
 * Forgotten with the JVM, and with them the times that were used.
 */
public final class InMemoryMachineIdLeases implements MachineIdLeases {
  private static final int MACHINES = 1 << 16;

  private record Held(String token, long expiresNanos, long usedTime) {}

  private final Duration timeToLive;
  private final LongSupplier nanoClock;
  private final Map<Integer, Held> held = new HashMap<>();

  /** Leases of 30 s. */
  public InMemoryMachineIdLeases() {
    this(Duration.ofSeconds(30), System::nanoTime);
  }

  /**
   * @param nanoClock a monotonic clock in nanoseconds
   */
  public InMemoryMachineIdLeases(Duration timeToLive, LongSupplier nanoClock) {
    this.timeToLive = timeToLive;
    this.nanoClock = nanoClock;
  }

  @Override
  public Duration timeToLive() {
    return timeToLive;
  }

  @Override
  public synchronized Lease acquire(String owner) {
    long now = nanoClock.getAsLong();
    for (int machineId = 0; machineId < MACHINES; machineId++) {
      Held last = held.get(machineId);
      if (last == null || now - last.expiresNanos() >= 0) {
        String token = UUID.randomUUID().toString();
        long usedTime = last == null ? 0 : last.usedTime();
        held.put(machineId, new Held(token, now + timeToLive.toNanos(), usedTime));
        return new Lease(machineId, token, usedTime);
      }
    }
    throw new IllegalStateException("all " + MACHINES + " machine ids are taken");
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
      held.put(lease.machineId(), new Held("", nanoClock.getAsLong(), usedTime));
    }
  }

  @Override
  public void close() {}
}
