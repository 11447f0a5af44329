package chat.engine.link;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next try: twice as long as the time before, up to a limit, of which a
 * random half is left out, so that nodes that failed together do not come back together. Not
 * thread-safe.
 */
public final class Backoff {
  private static final long MIN_NANOS = Duration.ofMillis(100).toNanos();
  private static final long MAX_NANOS = Duration.ofSeconds(2).toNanos();

  private final RandomGenerator random;
  private long nextNanos = MIN_NANOS;

  public Backoff(RandomGenerator random) {
    this.random = random;
  }

  public long nextNanos() {
    long now = nextNanos;
    nextNanos = Math.min(2 * now, MAX_NANOS);
    return now / 2 + random.nextLong(now / 2 + 1);
  }

  public void reset() {
    nextNanos = MIN_NANOS;
  }
}
