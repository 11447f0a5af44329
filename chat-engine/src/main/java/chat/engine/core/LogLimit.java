package chat.engine.core;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps a log line that could come with every message to one in a while, and counts those left out.
 * Thread-safe.
 */
final class LogLimit {
  private final long periodNanos;
  private final AtomicLong unsaid = new AtomicLong();
  private final AtomicLong nextNanos = new AtomicLong(System.nanoTime());

  LogLimit(Duration period) {
    this.periodNanos = period.toNanos();
  }

  /**
   * @return how many lines this one stands for, itself included; 0 if it is not to be written
   */
  long due() {
    unsaid.incrementAndGet();
    long now = System.nanoTime();
    long next = nextNanos.get();
    return now - next >= 0 && nextNanos.compareAndSet(next, now + periodNanos)
        ? unsaid.getAndSet(0)
        : 0;
  }
}
