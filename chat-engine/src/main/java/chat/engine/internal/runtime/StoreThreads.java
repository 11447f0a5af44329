package chat.engine.internal.runtime;

import chat.engine.ChatException;
import chat.engine.internal.util.Threads;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads on which the engine waits for the store and the router, other than the lanes; with a
 * bound on what may wait for them. Also keeps the engine's timers, whose tasks must be short.
 * Thread-safe.
 */
public final class StoreThreads implements AutoCloseable {
  private static final int QUEUE = 16_384;
  private static final Duration RETRY_AFTER = Duration.ofMillis(250);

  private final ThreadPoolExecutor threads;
  private final ScheduledThreadPoolExecutor timers;

  public StoreThreads(int size) {
    threads =
        new ThreadPoolExecutor(
            size,
            size,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(QUEUE),
            Threads.named("store"));
    timers = new ScheduledThreadPoolExecutor(1, Threads.named("timer"));
    timers.setRemoveOnCancelPolicy(true);
    timers.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    timers.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
  }

  /**
   * Runs a blocking call; its faults come out as {@link ChatException}, {@code BUSY} if too much
   * waits already.
   */
  public <T> CompletableFuture<T> submit(Callable<T> call) {
    CompletableFuture<T> result = new CompletableFuture<>();
    try {
      threads.execute(
          () -> {
            try {
              result.complete(call.call());
            } catch (Throwable fault) {
              Threads.outlived(fault);
              result.completeExceptionally(Errors.toChatException(fault));
            }
          });
    } catch (RejectedExecutionException full) {
      result.completeExceptionally(
          threads.isShutdown()
              ? ChatException.unavailable("the engine is closed", null)
              : ChatException.busy("too many calls wait for the store", RETRY_AFTER));
    }
    return result;
  }

  /** As {@link #submit} for a call without a result. */
  public CompletableFuture<Void> run(Runnable call) {
    return submit(Executors.callable(call)).thenAccept(done -> {});
  }

  /** Runs a short task that does not block, once; a fault of it is logged. */
  public void later(Duration delay, Runnable task) {
    if (!timers.isShutdown()) {
      timers.schedule(() -> Errors.logged("timer", task), delay.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /**
   * Runs a short task that does not block, again and again; a fault of it is logged and does not
   * end it.
   */
  public void every(Duration period, Runnable task) {
    timers.scheduleWithFixedDelay(
        () -> Errors.logged("timer", task),
        period.toMillis(),
        period.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    timers.shutdownNow();
    threads.shutdownNow();
  }
}
