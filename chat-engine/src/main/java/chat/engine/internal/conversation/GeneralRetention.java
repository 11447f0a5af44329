package chat.engine.internal.conversation;

import chat.engine.ChatException;
import chat.engine.Retention;
import chat.engine.internal.util.LogThrottle;
import chat.engine.internal.util.Threads;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The retention of conversations that have none of their own. Asks the application for it on a hook
 * thread, because the application may block for as long as it likes. For one call at a time.
 */
public final class GeneralRetention {
  private static final Logger log = LoggerFactory.getLogger(GeneralRetention.class);
  private static final String UNKNOWN =
      "the general retention is not known ({} times since this was last logged); no message expires"
          + " by this node meanwhile";
  private static final Duration SLOW = Duration.ofSeconds(30);

  /** Null keeps messages forever. */
  private final @Nullable Supplier<Optional<Duration>> source;

  private final Executor hookThreads;
  private final LongSupplier nanoTime;
  private final LogThrottle faults = new LogThrottle(Duration.ofMinutes(1));
  private final LogThrottle slow = new LogThrottle(Duration.ofMinutes(1));
  private volatile @Nullable Long askedAt;

  /**
   * @param source null to keep messages for ever
   */
  public GeneralRetention(
      @Nullable Supplier<Optional<Duration>> source, Executor hookThreads, LongSupplier nanoTime) {
    this.source = source;
    this.hookThreads = hookThreads;
    this.nanoTime = nanoTime;
  }

  /** Null keeps messages forever. */
  record Answer(@Nullable Duration retention) {}

  /** Null if the application throws or gives no valid retention, which is logged; never fails. */
  CompletableFuture<@Nullable Answer> ask() {
    if (source == null) {
      return CompletableFuture.completedFuture(new Answer(null));
    }
    askedAt = nanoTime.getAsLong();
    try {
      return CompletableFuture.<@Nullable Answer>supplyAsync(() -> answer(source), hookThreads);
    } catch (RejectedExecutionException closed) {
      askedAt = null;
      return CompletableFuture.completedFuture(null);
    }
  }

  private @Nullable Answer answer(Supplier<Optional<Duration>> source) {
    try {
      Optional<Duration> given =
          Objects.requireNonNull(source.get(), "the general retention is null");
      return new Answer(given.map(Retention::require).orElse(null));
    } catch (Throwable fault) {
      Threads.outlived(fault);
      report(fault);
      return null;
    } finally {
      askedAt = null;
    }
  }

  /** A {@link ChatException} says in words why there is no answer; anything else is a mistake. */
  private void report(Throwable fault) {
    long times = faults.due();
    if (times == 0) {
      return;
    }
    if (fault instanceof ChatException refusal) {
      log.warn(UNKNOWN + ": {}", times, refusal.getMessage());
    } else {
      log.error(UNKNOWN, times, fault);
    }
  }

  /** Writes to the log if the application has not answered for long. */
  void reportSilence() {
    Long since = askedAt;
    if (since != null && nanoTime.getAsLong() - since > SLOW.toNanos() && slow.due() > 0) {
      log.warn(
          "the general retention has not been answered for {} s; no message expires by this node meanwhile",
          Duration.ofNanos(nanoTime.getAsLong() - since).toSeconds());
    }
  }
}
