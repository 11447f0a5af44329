package chat.engine.internal.runtime;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time that people see, by the clock of the store: this node's clock, corrected by the
 * difference that was measured last, so that the nodes of a cluster agree. Thread-safe, never
 * blocks.
 */
public final class StoreClock implements InstantSource {
  /** Differences below this may come from the measurement. */
  private static final Duration TOLERATED = Duration.ofMillis(250);

  private static final Duration REMARKABLE = Duration.ofSeconds(2);
  private static final Logger log = LoggerFactory.getLogger(StoreClock.class);

  private final InstantSource nodeClock;
  private volatile Duration offset = Duration.ZERO;

  /** The difference that the log knows of. */
  private volatile Duration reported = Duration.ZERO;

  public StoreClock(InstantSource nodeClock) {
    this.nodeClock = nodeClock;
  }

  /**
   * Takes a measurement. For one thread at a time.
   *
   * @param storeTime what the store's clock said
   * @param askedNanos {@link System#nanoTime} before the store was asked
   * @param answeredNanos {@link System#nanoTime} after it answered
   */
  public void observe(Instant storeTime, long askedNanos, long answeredNanos) {
    Duration roundTrip = Duration.ofNanos(answeredNanos - askedNanos);
    Duration measured =
        Duration.between(nodeClock.instant(), storeTime.plus(roundTrip.dividedBy(2)));
    Duration uncertain = TOLERATED.plus(roundTrip.dividedBy(2));
    offset = measured.abs().compareTo(uncertain) <= 0 ? Duration.ZERO : measured;
    report(offset);
  }

  /** Once for each step of a clock, however long the difference lasts. */
  private void report(Duration difference) {
    if (difference.minus(reported).abs().compareTo(REMARKABLE) <= 0) {
      return;
    }
    reported = difference;
    if (difference.abs().compareTo(REMARKABLE) > 0) {
      log.warn(
          "the clock of this node differs from the clock of the store by {} ms; messages and"
              + " sessions are given the time of the store, and this node's clock should be set",
          difference.toMillis());
    } else {
      log.info("the clock of this node agrees with the clock of the store again");
    }
  }

  /** How far the store's clock is ahead of this node's, in milliseconds; 0 if about the same. */
  public long offsetMillis() {
    return offset.toMillis();
  }

  @Override
  public Instant instant() {
    return nodeClock.instant().plus(offset);
  }
}
