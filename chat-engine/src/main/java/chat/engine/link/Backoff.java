package chat.engine.link;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next try: twice as long as the time before, up to a limit, of which a
 * random half is left out, so that nodes that failed together do not come back together. Not
 * thread-safe.
 */
public final class Backoff {
  private final long minNanos;
  private final long maxNanos;
  private final RandomGenerator random;
  private long nextNanos;

  public Backoff(Duration min, Duration max, RandomGenerator random) {
    this.minNanos = min.toNanos();
    this.maxNanos = max.toNanos();
    this.random = random;
    this.nextNanos = minNanos;
  }

  public long nextNanos() {
    long now = nextNanos;
    nextNanos = Math.min(2 * now, maxNanos);
    return now / 2 + random.nextLong(now / 2 + 1);
  }

  public void reset() {
    nextNanos = minNanos;
  }
}
