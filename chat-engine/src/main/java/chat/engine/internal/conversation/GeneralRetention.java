package chat.engine.internal.conversation;

import chat.engine.Retention;
import chat.engine.internal.util.LogThrottle;
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
  private static final Duration SLOW = Duration.ofSeconds(30);

  /** Null keeps messages for ever. */
  private final @Nullable Supplier<Optional<Duration>> source;

  private final Executor hookThreads;
  private final LongSupplier nanoTime;
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

  /**
   * Empty means for ever. Fails with what the application throws, and if its answer is not a valid
   * retention.
   */
  CompletableFuture<Optional<Duration>> ask() {
    if (source == null) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    askedAt = nanoTime.getAsLong();
    try {
      return CompletableFuture.supplyAsync(() -> answer(source), hookThreads)
          .whenComplete((answer, fault) -> askedAt = null);
    } catch (RejectedExecutionException closed) {
      askedAt = null;
      return CompletableFuture.failedFuture(closed);
    }
  }

  private static Optional<Duration> answer(Supplier<Optional<Duration>> source) {
    return Objects.requireNonNull(source.get(), "the general retention is null")
        .map(Retention::require);
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
