package chat.engine.internal.runtime;

import chat.engine.internal.util.LogThrottle;
import chat.engine.internal.util.Threads;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.BinaryOperator;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time that people see, by the clock of the store: this node's clock, corrected by the
 * difference that was measured last, so that the nodes of a cluster agree. A node's clock that is
 * set back is noticed at once, because less time has passed by it than really has, and until the
 * next measurement real time is counted: messages that seem old could expire at once. One that is
 * set forward cannot be told from a machine that slept, and is believed until then, but for {@link
 * #earliest}. Thread-safe, never blocks.
 */
public final class StoreClock implements InstantSource {
  /** Differences below this may come from the measurement. */
  private static final Duration TOLERATED = Duration.ofMillis(250);

  /** By how much less time has to have passed on the node's clock than really has. */
  private static final Duration SET_BACK = Duration.ofSeconds(5);

  private static final Duration REMARKABLE = Duration.ofSeconds(2);
  private static final Duration FAULT_PERIOD = Duration.ofMinutes(10);
  private static final Logger log = LoggerFactory.getLogger(StoreClock.class);

  private final InstantSource nodeClock;
  private final LongSupplier nanos;
  private final LogThrottle faults = new LogThrottle(FAULT_PERIOD);
  private volatile Duration offset = Duration.ZERO;

  private volatile @Nullable Observed last;

  /** The difference that the log knows of. */
  private volatile Duration reported = Duration.ZERO;

  /** What the store's clock said, and when by {@link #nanos}. */
  private record Observed(Instant time, long nanos) {
    Instant at(long nowNanos) {
      return time.plusNanos(nowNanos - nanos);
    }
  }

  /**
   * @param nanos {@link System#nanoTime}
   */
  public StoreClock(InstantSource nodeClock, LongSupplier nanos) {
    this.nodeClock = nodeClock;
    this.nanos = nanos;
  }

  /**
   * Takes a measurement. For one thread at a time.
   *
   * @param storeTime what the store's clock said
   * @param askedNanos the nanos before the store was asked
   * @param answeredNanos the nanos after it answered
   */
  public void observe(Instant storeTime, long askedNanos, long answeredNanos) {
    Duration roundTrip = Duration.ofNanos(answeredNanos - askedNanos);
    Instant there = storeTime.plus(roundTrip.dividedBy(2));
    last = new Observed(there, answeredNanos);
    Instant here = nodeTime();
    if (here == null) {
      return;
    }
    Duration measured = Duration.between(here, there);
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
    return time(
        (corrected, counted) -> counted.isAfter(corrected.plus(SET_BACK)) ? counted : corrected);
  }

  /**
   * For deleting what is older than some time: a clock that was set forward is not believed before
   * it is measured. Where the machine has slept, this is as much too early until then.
   */
  public Instant earliest() {
    return time((corrected, counted) -> counted.isBefore(corrected) ? counted : corrected);
  }

  /**
   * @param choice between the time of this node's clock, corrected, and what the store's clock said
   *     last with the real time since then
   */
  private Instant time(BinaryOperator<Instant> choice) {
    Instant here = nodeTime();
    Observed known = last;
    if (known == null) {
      return here == null ? Instant.now() : here;
    }
    Instant counted = known.at(nanos.getAsLong());
    return here == null ? counted : choice.apply(here.plus(offset), counted);
  }

  /** Null if the node's clock fails, which can be the application's: no call fails for that. */
  private @Nullable Instant nodeTime() {
    Throwable fault;
    try {
      @Nullable Instant time = nodeClock.instant();
      if (time != null) {
        return time;
      }
      fault = new IllegalStateException("it returned null");
    } catch (Throwable thrown) {
      Threads.outlived(thrown);
      fault = thrown;
    }
    if (faults.due() > 0) {
      log.error("the clock of this node fails; the store's time is counted on without it", fault);
    }
    return null;
  }
}
