package chat.engine.sonyflake;

import chat.engine.spi.MachineIdLeases;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Leases that throw what they are told to, as long as they are told to, and note what they did. */
final class ScriptedLeases implements MachineIdLeases {
  private final MachineIdLeases real;
  final List<Lease> held = Collections.synchronizedList(new ArrayList<>());
  final AtomicInteger failures = new AtomicInteger();

  /** When each failure was thrown, in nanoseconds of {@link System#nanoTime}. */
  final List<Long> failedAt = new CopyOnWriteArrayList<>();

  final AtomicInteger renewals = new AtomicInteger();
  volatile @Nullable Supplier<Throwable> acquireFault;
  volatile @Nullable Supplier<Throwable> renewFault;
  volatile @Nullable Supplier<Throwable> releaseFault;

  /** The machine id of which alone renewals fail; -1 for all. */
  volatile int failingMachine = -1;

  volatile Runnable beforeRelease = () -> {};
  volatile Runnable beforeRenewal = () -> {};

  ScriptedLeases(MachineIdLeases real) {
    this.real = real;
  }

  @SuppressWarnings("unchecked")
  private <E extends Throwable> void fail(@Nullable Supplier<Throwable> fault) throws E {
    if (fault != null) {
      failedAt.add(System.nanoTime());
      failures.incrementAndGet();
      throw (E) fault.get();
    }
  }

  @Override
  public Duration timeToLive() {
    return real.timeToLive();
  }

  @Override
  public Lease acquire(String owner, long now) {
    this.<RuntimeException>fail(acquireFault);
    Lease lease = real.acquire(owner, now);
    held.add(lease);
    return lease;
  }

  @Override
  public Optional<Lease> renew(Lease lease, long usedTime) {
    beforeRenewal.run();
    if (failingMachine < 0 || failingMachine == lease.machineId()) {
      this.<RuntimeException>fail(renewFault);
    }
    renewals.incrementAndGet();
    return real.renew(lease, usedTime);
  }

  @Override
  public void release(Lease lease, long usedTime) {
    beforeRelease.run();
    this.<RuntimeException>fail(releaseFault);
    held.removeIf(other -> other.token().equals(lease.token()));
    real.release(lease, usedTime);
  }

  @Override
  public void close() {}
}
