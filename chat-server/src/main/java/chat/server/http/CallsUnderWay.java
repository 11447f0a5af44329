package chat.server.http;

import java.time.Duration;

/** Counts the calls that are not answered yet, and knows whether there may be more. Thread-safe. */
final class CallsUnderWay {
  private int count;
  private volatile boolean draining;
  private volatile boolean stopping;

  synchronized void begin() {
    count++;
  }

  synchronized void end() {
    count--;
    notifyAll();
  }

  /** Each connection ends with its next answer from now on. */
  void drain() {
    draining = true;
  }

  boolean isDraining() {
    return draining;
  }

  boolean isStopping() {
    return stopping;
  }

  /** Lets no more begin, and waits for those that have begun, but not longer than this. */
  synchronized void stop(Duration limit) throws InterruptedException {
    draining = true;
    stopping = true;
    long end = System.nanoTime() + limit.toNanos();
    for (long left = limit.toNanos(); count > 0 && left > 0; left = end - System.nanoTime()) {
      wait(left / 1_000_000, (int) (left % 1_000_000));
    }
  }
}
