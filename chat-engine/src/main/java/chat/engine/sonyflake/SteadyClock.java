package chat.engine.sonyflake;

/**
 * Sonyflake time that never goes back: it follows the wall clock where that is ahead, and runs on
 * with the monotonic clock where the wall clock was set back. Not thread-safe.
 */
final class SteadyClock {
  private static final long NANOS_PER_UNIT = 10_000_000;

  private final Ticker ticker;
  private long anchorUnits;
  private long anchorNanos;

  SteadyClock(Ticker ticker) {
    this.ticker = ticker;
    this.anchorUnits = Sonyflake.timeOf(ticker.currentTimeMillis());
    this.anchorNanos = ticker.nanoTime();
  }

  /** Now, in units of 10 ms. */
  long units() {
    long nanos = ticker.nanoTime();
    long steady = anchorUnits + (nanos - anchorNanos) / NANOS_PER_UNIT;
    long wall = Sonyflake.timeOf(ticker.currentTimeMillis());
    if (wall > steady) {
      anchorUnits = wall;
      anchorNanos = nanos;
      return wall;
    }
    return steady;
  }

  /** From now on is at least the given time. */
  void advanceTo(long units) {
    if (units > units()) {
      anchorUnits = units;
      anchorNanos = ticker.nanoTime();
    }
  }
}
