package chat.engine.internal.runtime;

import chat.engine.internal.util.Threads;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/**
 * The border between the engine's futures and those that the application holds. What the
 * application hangs on a future runs on threads that do nothing else, so a dependent that blocks
 * delays neither sends, nor deliveries, nor reads of the store. When the engine closes, every
 * future that is still open fails. Thread-safe.
 */
@SuppressWarnings("CollectionUndefinedEquality") // futures are compared by identity, as is wanted
public final class Answers implements AutoCloseable {
  private static final Duration CLOSE = Duration.ofSeconds(5);

  private final ElasticPool pool;
  private final Executor completions;

  /** The futures that the application holds, and what completes each, once that is known. */
  private final Map<CompletableFuture<?>, Optional<Runnable>> open = new ConcurrentHashMap<>();

  private volatile boolean closed;

  /**
   * @param threads while no dependent blocks
   * @param maxThreads at most
   * @param completions what completes futures, made of the pool that does so when it is closed
   */
  public Answers(int threads, int maxThreads, Function<Executor, Executor> completions) {
    this.pool = new ElasticPool(threads, maxThreads, Threads.named("answer"), true);
    this.completions = completions.apply(pool);
  }

  /** The application's side of a future of the engine. */
  public <T> CompletableFuture<T> of(CompletableFuture<T> internal) {
    CompletableFuture<T> handed = new CompletableFuture<>();
    track(handed);
    internal.whenComplete(
        (value, fault) -> answer(handed, () -> Futures.relay(value, fault, handed)));
    return handed;
  }

  /** Fails a future that the application holds, and that may be complete already. */
  public void fail(CompletableFuture<?> handed, Throwable fault) {
    answer(handed, () -> handed.completeExceptionally(Errors.toChatException(fault)));
  }

  /** From now on this is the answer, even if the engine closes before the future is complete. */
  private void answer(CompletableFuture<?> handed, Runnable completion) {
    open.replace(handed, Optional.of(completion));
    execute(completion);
  }

  /** Sees to it that a future which somebody else completes fails at the latest at close. */
  public <T> CompletableFuture<T> track(CompletableFuture<T> handed) {
    open.put(handed, Optional.empty());
    handed.whenComplete((value, fault) -> open.remove(handed));
    if (closed) {
      handed.completeExceptionally(Errors.closing());
    }
    return handed;
  }

  /** Completes something that the application holds. */
  public void execute(Runnable completion) {
    (closed ? pool : completions).execute(completion);
  }

  /** To be called every few milliseconds, by one thread: replaces threads that are blocked. */
  public void replaceStuckThreads() {
    pool.replaceStuckWorkers();
  }

  public int threadCount() {
    return pool.threadCount();
  }

  /** Whether nothing waits to be completed. */
  public boolean isIdle() {
    return pool.isIdle();
  }

  /** Futures that the application holds and that are not complete. */
  public int open() {
    return open.size();
  }

  /**
   * Completes every future that is still open: with its answer, or if there is none yet with a
   * failure. Their dependents run on threads of the pool, so those that block hold up neither the
   * others nor, for longer than {@link #CLOSE}, the caller.
   */
  @Override
  public void close() {
    closed = true;
    List<CompletableFuture<?>> left = List.copyOf(open.keySet());
    left.forEach(handed -> pool.execute(() -> end(handed)));
    pool.close();
    long end = System.nanoTime() + CLOSE.toNanos();
    while (!left.stream().allMatch(CompletableFuture::isDone) && System.nanoTime() - end < 0) {
      pool.replaceStuckWorkers();
      LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
    }
  }

  private void end(CompletableFuture<?> handed) {
    open.getOrDefault(handed, Optional.empty())
        // has no effect on one that is complete
        .orElse(() -> handed.completeExceptionally(Errors.closing()))
        .run();
  }
}
