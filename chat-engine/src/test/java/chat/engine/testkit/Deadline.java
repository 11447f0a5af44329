package chat.engine.testkit;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A point in time until which a monitor is waited for. */
record Deadline(long nanos) {
  static Deadline in(Duration patience) {
    return new Deadline(System.nanoTime() + patience.toNanos());
  }

  Duration left() {
    return Duration.ofNanos(Math.max(0, nanos - System.nanoTime()));
  }

  /**
   * Waits for a notification; the caller holds the monitor, and looks again afterwards.
   *
   * @return false if the time is over
   */
  @SuppressWarnings("WaitNotInLoop") // the callers loop
  boolean await(Object monitor) {
    long left = nanos - System.nanoTime();
    if (left <= 0) {
      return false;
    }
    try {
      TimeUnit.NANOSECONDS.timedWait(monitor, left);
      return true;
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new AssertionError("the test was interrupted while it waited", stopped);
    }
  }
}
