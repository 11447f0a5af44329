package chat.engine.internal.runtime;

import chat.engine.ChatException;
import chat.engine.internal.util.Threads;
import java.time.Duration;
import java.util.List;
import java.util.Set;
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
public final class Answers implements AutoCloseable {
  private static final Duration CLOSE = Duration.ofSeconds(5);

  private final ElasticPool pool;
  private final Executor completions;
  private final Set<CompletableFuture<?>> open = ConcurrentHashMap.newKeySet();
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
    internal.whenComplete((value, fault) -> execute(() -> Futures.relay(value, fault, handed)));
    return handed;
  }

  /** Sees to it that a future which somebody else completes fails at the latest at close. */
  @SuppressWarnings("CollectionUndefinedEquality") // compared by identity, as is wanted
  public <T> CompletableFuture<T> track(CompletableFuture<T> handed) {
    open.add(handed);
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
   * Fails every future that is still open. Their dependents run on threads of the pool, so those
   * that block hold up neither the others nor, for longer than {@link #CLOSE}, the caller.
   */
  @Override
  public void close() {
    closed = true;
    List<CompletableFuture<?>> left = List.copyOf(open);
    ChatException closing = Errors.closing();
    left.forEach(handed -> pool.execute(() -> handed.completeExceptionally(closing)));
    pool.close();
    long end = System.nanoTime() + CLOSE.toNanos();
    while (!left.stream().allMatch(CompletableFuture::isDone) && System.nanoTime() - end < 0) {
      pool.replaceStuckWorkers();
      LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
    }
  }
}
