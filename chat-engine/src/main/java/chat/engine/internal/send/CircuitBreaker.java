package chat.engine.internal.send;

import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.util.LogThrottle;
import chat.engine.internal.util.Timers;
import chat.engine.spi.MessageStore;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the store is believed to work. Once a call finds it unavailable, sends are refused at
 * once instead of each waiting for its own time-out, while a probe, which reads and writes, asks
 * until it is answered again. Then sends are let through.
 *
 * <p>A store can answer the probe and still take no messages: the disk is full, say. So it counts
 * as healthy again only when a message was committed, or, where nobody sends, when nothing failed
 * for a while; the probes and that while grow longer with each attempt that fails. Thread-safe.
 */
public final class CircuitBreaker {
  private static final Logger log = LoggerFactory.getLogger(CircuitBreaker.class);
  private static final Duration FIRST_PROBE = Duration.ofMillis(200);
  private static final Duration LONGEST_PROBE = Duration.ofSeconds(2);
  private static final Duration FIRST_QUIET = Duration.ofSeconds(3);
  private static final Duration LONGEST_QUIET = Duration.ofSeconds(30);
  private static final Duration LOG_PERIOD = Duration.ofSeconds(30);
  private static final ConversationId NOBODY = ConversationId.of(1);

  private final MessageStore store;
  private final StoreThreads reads;
  private final Timers timers;
  private final InstantSource clock;
  private final Runnable onReopened;
  private final LogThrottle losses = new LogThrottle(LOG_PERIOD);
  private volatile boolean open = true;
  private volatile boolean healthy = true;

  // All below is guarded by this.
  private boolean lossWasLogged;
  private Duration probePeriod = FIRST_PROBE;
  private Duration quiet = FIRST_QUIET;
  private long failures;

  /**
   * @param onReopened called when the store answers again
   */
  public CircuitBreaker(
      MessageStore store,
      StoreThreads reads,
      Timers timers,
      InstantSource clock,
      Runnable onReopened) {
    this.store = store;
    this.reads = reads;
    this.timers = timers;
    this.clock = clock;
    this.onReopened = onReopened;
  }

  /** Whether sends may be tried. */
  boolean isOpen() {
    return open;
  }

  /** Whether messages can be stored, as far as is known. */
  public boolean isHealthy() {
    return healthy;
  }

  /** A call found the store unavailable. */
  void failed(Throwable fault) {
    Duration probe;
    synchronized (this) {
      if (!open) {
        return; // begun before it was shut
      }
      open = false;
      failures++;
      if (healthy) {
        healthy = false;
        logLoss(fault);
      } else {
        probePeriod = atMost(LONGEST_PROBE, probePeriod.multipliedBy(2));
        quiet = atMost(LONGEST_QUIET, quiet.multipliedBy(2));
      }
      probe = probePeriod;
    }
    timers.later(probe, this::probe);
  }

  private void logLoss(Throwable fault) {
    long times = losses.due();
    lossWasLogged = times > 0;
    if (times > 0) {
      log.warn(
          "the store is not available; sends are refused until it is{}: {}",
          times == 1 ? "" : " (lost " + times + " times since this was last logged)",
          fault.toString());
    }
  }

  /** A message was committed. */
  void committed() {
    if (!healthy) {
      synchronized (this) {
        if (open) { // else it was begun before the store failed
          probePeriod = FIRST_PROBE;
          quiet = FIRST_QUIET;
          recovered();
        }
      }
    }
  }

  private synchronized void recovered() {
    if (!healthy) {
      healthy = true;
      if (lossWasLogged) {
        log.info("the store works again");
      }
    }
  }

  static ChatException refusal() {
    return ChatException.unavailable("the store cannot be reached", null);
  }

  private void probe() {
    reads
        .submit(
            () -> {
              // A row that means nothing, so that a store that only reads is told from one that
              // works.
              store
                  .lastSeen()
                  .record(Map.of(UserId.SYSTEM, clock.instant().truncatedTo(ChronoUnit.MILLIS)));
              return store.lastSeqs(List.of(NOBODY));
            })
        .whenComplete(
            (answer, fault) -> {
              if (fault != null) {
                timers.later(FIRST_PROBE, this::probe);
              } else {
                reopen();
              }
            });
  }

  private void reopen() {
    Duration wait;
    long failuresBefore;
    synchronized (this) {
      open = true;
      wait = quiet;
      failuresBefore = failures;
    }
    timers.later(wait, () -> quietSince(failuresBefore));
    onReopened.run();
  }

  private synchronized void quietSince(long failuresBefore) {
    if (open && failures == failuresBefore) {
      recovered();
    }
  }

  private static Duration atMost(Duration most, Duration value) {
    return value.compareTo(most) > 0 ? most : value;
  }
}
