package chat.engine.internal.runtime;

import chat.engine.ChatException;
import chat.engine.internal.util.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The threads on which the engine waits for the store and the router, other than the lanes; with a
 * bound on what may wait for them. Dependents of the futures run here too, so they must be the
 * engine's own and short: what the application gets goes through {@link Answers}. Thread-safe.
 */
public final class StoreThreads implements AutoCloseable {
  private static final Duration RETRY_AFTER = Duration.ofMillis(250);

  /** For how long a close waits for calls under way, and once more when it has interrupted them. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Duration patience;
  private final ThreadPoolExecutor threads;
  private final @Nullable StoreThreads helpers;

  /**
   * @param maxWaiting calls that may wait for a thread; more are refused
   */
  public StoreThreads(int size, int maxWaiting) {
    this("store", size, maxWaiting);
  }

  /**
   * @param name of the threads, behind {@code chat-}
   */
  public StoreThreads(String name, int size, int maxWaiting) {
    this(name, size, maxWaiting, PATIENCE, null);
  }

  /**
   * Threads for calls that must not wait behind those of others. A call runs on one of them, or on
   * one of the helpers if that is free sooner.
   *
   * @param helpers threads that others use as well; they outlive these
   */
  public StoreThreads(String name, int size, int maxWaiting, StoreThreads helpers) {
    this(name, size, maxWaiting, PATIENCE, helpers);
  }

  StoreThreads(int size, int maxWaiting, Duration patience) {
    this("store", size, maxWaiting, patience, null);
  }

  private StoreThreads(
      String name, int size, int maxWaiting, Duration patience, @Nullable StoreThreads helpers) {
    this.patience = patience;
    this.helpers = helpers;
    threads =
        new ThreadPoolExecutor(
            size,
            size,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(maxWaiting),
            Threads.named(name));
  }

  /**
   * Runs a blocking call; its faults come out as {@link ChatException}, {@code BUSY} if too much
   * waits already.
   */
  public <T> CompletableFuture<T> submit(Callable<T> call) {
    Task<T> task = new Task<>(call);
    boolean taken = takes(task);
    if (helpers != null && helpers.takes(task)) {
      taken = true;
    }
    if (!taken) {
      task.result.completeExceptionally(
          threads.isShutdown()
              ? Errors.closing()
              : ChatException.busy("too many calls wait for the store", RETRY_AFTER));
    }
    return task.result;
  }

  private boolean takes(Runnable task) {
    try {
      threads.execute(task);
      return true;
    } catch (RejectedExecutionException full) {
      return false;
    }
  }

  /** As {@link #submit} for a call without a result. */
  public CompletableFuture<Void> run(Runnable call) {
    return submit(
            () -> {
              call.run();
              return Boolean.TRUE;
            })
        .thenAccept(done -> {});
  }

  private final class Task<T> implements Runnable {
    private final Callable<T> call;
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private final AtomicBoolean begun = new AtomicBoolean();

    Task(Callable<T> call) {
      this.call = call;
    }

    @Override
    public void run() {
      if (!begun.compareAndSet(false, true)) {
        return; // on another thread
      }
      try {
        result.complete(call.call());
      } catch (Throwable fault) {
        Threads.outlived(fault);
        result.completeExceptionally(
            threads.isShutdown() ? Errors.closing() : Errors.toChatException(fault));
      }
    }

    void refuse() {
      if (begun.compareAndSet(false, true)) {
        result.completeExceptionally(Errors.closing());
      }
    }
  }

  /**
   * Fails the calls that wait, and lets those under way end, so that the store is not closed under
   * them. Those that take longer than 2 s are interrupted; 2 s later they are left alone.
   */
  @Override
  public void close() {
    threads.shutdown();
    List<Runnable> waiting = new ArrayList<>();
    threads.getQueue().drainTo(waiting);
    for (Runnable task : waiting) {
      if (task instanceof Task<?> call) {
        call.refuse();
      }
    }
    if (!awaitEnd()) {
      threads.shutdownNow();
      awaitEnd();
    }
  }

  private boolean awaitEnd() {
    try {
      return threads.awaitTermination(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
