package chat.engine.internal.util;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps a log line that could come with every message to one in a while, and counts those left out.
 * Thread-safe.
 */
public final class LogThrottle {
  private final long periodNanos;
  private final AtomicLong unsaid = new AtomicLong();
  private final AtomicLong nextNanos = new AtomicLong(System.nanoTime());

  public LogThrottle(Duration period) {
    this.periodNanos = period.toNanos();
  }

  /**
   * @return how many lines this one stands for, itself included; 0 if it is not to be written
   */
  public long due() {
    unsaid.incrementAndGet();
    long now = System.nanoTime();
    long next = nextNanos.get();
    return now - next >= 0 && nextNanos.compareAndSet(next, now + periodNanos)
        ? unsaid.getAndSet(0)
        : 0;
  }
}
