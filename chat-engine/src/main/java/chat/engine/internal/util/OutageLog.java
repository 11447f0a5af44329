package chat.engine.internal.util;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Keeps what the log says of something that fails to one line when that begins and one when it
 * works again. If it comes and goes, outages that begin within a period of the last that was told
 * are not told. Thread-safe; that something works costs a volatile read.
 */
public final class OutageLog {
  private final long periodNanos;
  private final LongSupplier nanoTime;
  private volatile long failures;
  private boolean told; // guarded by this
  private long nextNanos; // guarded by this

  /**
   * @param period between the beginnings of two outages that are told
   * @param nanoTime as {@link System#nanoTime}
   */
  public OutageLog(Duration period, LongSupplier nanoTime) {
    this.periodNanos = period.toNanos();
    this.nanoTime = nanoTime;
    this.nextNanos = nanoTime.getAsLong();
  }

  /**
   * It failed.
   *
   * @return whether to say so
   */
  public synchronized boolean failed() {
    failures++;
    long now = nanoTime.getAsLong();
    if (told || now - nextNanos < 0) {
      return false;
    }
    told = true;
    nextNanos = now + periodNanos;
    return true;
  }

  /**
   * It worked.
   *
   * @return how often it failed before, if that is to be said; otherwise 0
   */
  public long works() {
    return failures == 0 ? 0 : ended();
  }

  private synchronized long ended() {
    long ended = told ? failures : 0;
    failures = 0;
    told = false;
    return ended;
  }
}
