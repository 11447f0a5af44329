package chat.engine.testkit;

import chat.engine.spi.StoreUnavailableException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A {@link Fault} that is switched on, until {@link #close} or {@link TestChat#clearFaults}.
 * Thread-safe.
 */
public final class ActiveFault implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Fault fault;
  private final Consumer<ActiveFault> onClose;
  private final CountDownLatch closed = new CountDownLatch(1);
  private int hits;

  ActiveFault(Fault fault, Consumer<ActiveFault> onClose) {
    this.fault = fault;
    this.onClose = onClose;
  }

  /** How many calls it has met. */
  public synchronized int hits() {
    return hits;
  }

  /**
   * Waits until it has met so many calls since it was switched on.
   *
   * @throws AssertionError if they have not come within 20 s
   */
  public synchronized void awaitHits(int calls) {
    Deadline deadline = Deadline.in(PATIENCE);
    while (hits < calls) {
      if (!deadline.await(this)) {
        throw new AssertionError(
            "%d calls met the fault %s within %d s, not %d"
                .formatted(hits, fault, PATIENCE.toSeconds(), calls));
      }
    }
  }

  /** Switches it off; calls that it held go on. Idempotent. */
  @Override
  public void close() {
    closed.countDown();
    onClose.accept(this);
  }

  Fault fault() {
    return fault;
  }

  /** Whether the call meets it, which counts. */
  synchronized boolean meets(StoreCall call) {
    if (closed.getCount() == 0 || hits >= fault.times() || !fault.meets(call)) {
      return false;
    }
    hits++;
    notifyAll();
    return true;
  }

  /** Blocks a call that is slow or held. */
  void hold() {
    try {
      if (fault.kind() == Fault.Kind.HELD) {
        closed.await();
      } else if (closed.await(fault.delay().toNanos(), TimeUnit.NANOSECONDS)) {
        return; // switched off
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new StoreUnavailableException("interrupted while the test held the call", stopped);
    }
  }
}
