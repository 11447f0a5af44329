package chat.server.http.timeout;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The least that an upload or an answer must move in each window of time, so that it takes as long
 * as it has to and no client can hold it for ever. Thread-safe.
 */
public final class Pace implements Watch.Watched {
  private final long bytesEachWindow;
  private final long windowNanos;
  private final Runnable tooSlow;
  private final AtomicLong moved = new AtomicLong();
  private long begunNanos; // these two by the watching thread only
  private long movedBefore;

  /**
   * @param tooSlow must not block; may be called more than once
   */
  public Pace(long bytesEachWindow, Duration window, Runnable tooSlow) {
    this.bytesEachWindow = bytesEachWindow;
    this.windowNanos = window.toNanos();
    this.tooSlow = tooSlow;
    this.begunNanos = System.nanoTime();
  }

  public void moved(long bytes) {
    moved.addAndGet(bytes);
  }

  @Override
  public void look(long nowNanos) {
    if (nowNanos - begunNanos < windowNanos) {
      return;
    }
    long now = moved.get();
    if (now - movedBefore < bytesEachWindow) {
      tooSlow.run();
    }
    begunNanos = nowNanos;
    movedBefore = now;
  }
}
