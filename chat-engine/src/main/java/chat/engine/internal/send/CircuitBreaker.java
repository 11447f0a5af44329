package chat.engine.internal.send;

import chat.engine.ChatException;
import chat.engine.internal.util.LogThrottle;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps sends from a store that does not work: once a call finds it unavailable, sends are refused
 * at once instead of each waiting for its own time-out.
 *
 * <p>While the breaker is open, a probe asks the store until it answers. Then the breaker is
 * half-open: sends are let through, but a store can answer the probe and still take no messages,
 * when the disk is full, say. It closes when a message was committed, or, where nobody sends, when
 * nothing failed for a while. Probes and that while grow longer with each failure in between.
 * Thread-safe.
 */
public final class CircuitBreaker {
  private static final Logger log = LoggerFactory.getLogger(CircuitBreaker.class);
  static final Duration FIRST_PROBE = Duration.ofMillis(200);
  static final Duration LONGEST_PROBE = Duration.ofSeconds(2);
  static final Duration FIRST_QUIET = Duration.ofSeconds(3);
  static final Duration LONGEST_QUIET = Duration.ofSeconds(30);
  private static final Duration LOG_PERIOD = Duration.ofSeconds(30);

  /** Runs something after a while. */
  @FunctionalInterface
  public interface Delay {
    void later(Duration delay, Runnable task);
  }

  private enum State {
    CLOSED,
    OPEN,
    HALF_OPEN
  }

  private final Supplier<CompletableFuture<?>> probe;
  private final Delay delay;
  private final Runnable onAnswer;
  private final LogThrottle losses;
  private volatile State state = State.CLOSED;

  // All below is guarded by this.
  private boolean lossWasLogged;
  private Duration probePeriod = FIRST_PROBE;
  private Duration quiet = FIRST_QUIET;
  private long failures;

  /**
   * @param probe asks the store whether it works; fails if it does not
   * @param onAnswer called when the store answers again
   */
  public CircuitBreaker(Supplier<CompletableFuture<?>> probe, Delay delay, Runnable onAnswer) {
    this(probe, delay, onAnswer, new LogThrottle(LOG_PERIOD));
  }

  CircuitBreaker(
      Supplier<CompletableFuture<?>> probe, Delay delay, Runnable onAnswer, LogThrottle losses) {
    this.probe = probe;
    this.delay = delay;
    this.onAnswer = onAnswer;
    this.losses = losses;
  }

  /** Whether sends may be tried. */
  boolean allowsCalls() {
    return state != State.OPEN;
  }

  /** Whether messages can be stored, as far as is known. */
  public boolean isHealthy() {
    return state == State.CLOSED;
  }

  /** A call found the store unavailable. */
  void failed(Throwable fault) {
    Duration wait;
    synchronized (this) {
      if (state == State.OPEN) {
        return; // begun before it opened
      }
      failures++;
      if (state == State.CLOSED) {
        logLoss(fault);
        wait = Duration.ZERO; // it may be one connection that broke, not the store
      } else {
        probePeriod = atMost(LONGEST_PROBE, probePeriod.multipliedBy(2));
        quiet = atMost(LONGEST_QUIET, quiet.multipliedBy(2));
        wait = probePeriod;
      }
      state = State.OPEN;
    }
    delay.later(wait, this::probe);
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
    if (state == State.CLOSED) {
      return;
    }
    synchronized (this) {
      if (state == State.HALF_OPEN) { // else it was begun before the store failed
        probePeriod = FIRST_PROBE;
        quiet = FIRST_QUIET;
        recovered();
      }
    }
  }

  private void recovered() {
    state = State.CLOSED;
    if (lossWasLogged) {
      log.info("the store works again");
    }
  }

  static ChatException refusal() {
    return ChatException.unavailable("the store cannot be reached", null);
  }

  private void probe() {
    probe
        .get()
        .whenComplete(
            (answer, fault) -> {
              if (fault != null) {
                delay.later(FIRST_PROBE, this::probe);
              } else {
                answered();
              }
            });
  }

  private void answered() {
    Duration wait;
    long failuresBefore;
    synchronized (this) {
      state = State.HALF_OPEN;
      wait = quiet;
      failuresBefore = failures;
    }
    delay.later(wait, () -> quietSince(failuresBefore));
    onAnswer.run();
  }

  private synchronized void quietSince(long failuresBefore) {
    if (state == State.HALF_OPEN && failures == failuresBefore) {
      recovered();
    }
  }

  private static Duration atMost(Duration most, Duration value) {
    return value.compareTo(most) > 0 ? most : value;
  }
}
