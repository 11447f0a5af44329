package chat.engine.sonyflake;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Sonyflake time that never goes back and is never far ahead of what the wall clock has shown.
 *
 * <p>It starts at the wall clock and runs with the monotonic clock. {@link #follow} corrects it
 * from time to time:
 *
 * <ul>
 *   <li>The wall clock is ahead by at most a second: the difference is made up at once.
 *   <li>It is ahead by more, so somebody has set it: the difference is made up when the wall clock
 *       has stayed ahead for a minute, and then only by the least that it was ahead in this minute.
 *       A clock that is set forwards by mistake and back again changes nothing.
 *   <li>It is behind: this clock runs at half speed until the wall clock has caught up.
 * </ul>
 *
 * <p>Immutable and thread-safe.
 */
final class SteadyClock {
  static final Duration FOLLOWED_AT_ONCE = Duration.ofSeconds(1);
  static final Duration FOLLOWED_AFTER = Duration.ofMinutes(1);

  private static final long NANOS_PER_SECOND = 1_000_000_000;
  private static final long LAST_SECOND = Sonyflake.MAX_TIME / Sonyflake.UNITS_PER_SECOND;

  /** The wall clock was set forwards; the least that it was ahead since, in nanoseconds. */
  private record StepForwards(long sinceNanos, long leastAhead) {}

  private final long anchorTime;
  private final long anchorNanos;
  private final long aheadOfWall;
  private final @Nullable StepForwards step;

  /**
   * @param anchorTime nanoseconds since {@link Sonyflake#EPOCH} at the anchor
   * @param anchorNanos the monotonic clock at the anchor
   * @param aheadOfWall how far the wall clock is behind at the anchor, in nanoseconds; 0 if it is
   *     not
   */
  private SteadyClock(
      long anchorTime, long anchorNanos, long aheadOfWall, @Nullable StepForwards step) {
    this.anchorTime = anchorTime;
    this.anchorNanos = anchorNanos;
    this.aheadOfWall = aheadOfWall;
    this.step = step;
  }

  /** A clock that shows the given time at the given moment of the monotonic clock. */
  static SteadyClock startingAt(Instant wall, long nanos) {
    return new SteadyClock(sinceEpoch(wall), nanos, 0, null);
  }

  /** The time at a moment of the monotonic clock, in units of 10 ms; at most the last of an id. */
  long units(long nanos) {
    return Math.min(Sonyflake.MAX_TIME, time(nanos) / Sonyflake.NANOS_PER_UNIT);
  }

  private long time(long nanos) {
    long passed = Math.max(0, nanos - anchorNanos);
    long atHalfSpeed = passed / 2 < aheadOfWall ? passed : 2 * aheadOfWall;
    return anchorTime + passed - atHalfSpeed / 2;
  }

  /** This clock, corrected by what the wall clock shows at the given moment. */
  SteadyClock follow(Instant wall, long nanos) {
    long time = time(nanos);
    long ahead = sinceEpoch(wall) - time;
    if (ahead <= 0) {
      return new SteadyClock(time, nanos, -ahead, null);
    }
    if (ahead <= FOLLOWED_AT_ONCE.toNanos()) {
      return new SteadyClock(time + ahead, nanos, 0, null);
    }
    StepForwards now =
        step == null
            ? new StepForwards(nanos, ahead)
            : new StepForwards(step.sinceNanos(), Math.min(ahead, step.leastAhead()));
    if (nanos - now.sinceNanos() < FOLLOWED_AFTER.toNanos()) {
      return new SteadyClock(time, nanos, 0, now);
    }
    return new SteadyClock(time + now.leastAhead(), nanos, 0, null);
  }

  /** How far the wall clock was set forwards without being followed yet; zero if it was not. */
  Duration behindWall() {
    return step == null ? Duration.ZERO : Duration.ofNanos(step.leastAhead());
  }

  /** How far the wall clock was behind when it was last followed; zero if it was not. */
  Duration aheadOfWall() {
    return Duration.ofNanos(aheadOfWall);
  }

  /** Nanoseconds since {@link Sonyflake#EPOCH}, within the times that an id can hold. */
  private static long sinceEpoch(Instant wall) {
    long seconds = wall.getEpochSecond() - Sonyflake.EPOCH.getEpochSecond();
    if (seconds < 0) {
      return 0;
    }
    return Math.min(seconds, LAST_SECOND) * NANOS_PER_SECOND + wall.getNano();
  }
}
