package chat.engine.internal.runtime;

import chat.engine.ChatException;
import chat.engine.internal.util.Threads;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The border between the engine's futures and those that the application holds. What the
 * application hangs on a future runs on threads that do nothing else, so a dependent that blocks
 * delays neither sends, nor deliveries, nor reads of the store. When too many answers wait for a
 * thread, because dependents hold them all or are slower than what comes, new calls are refused.
 * When the engine closes, every future that is still open fails. Thread-safe.
 */
@SuppressWarnings("CollectionUndefinedEquality") // futures are compared by identity, as is wanted
public final class Answers implements AutoCloseable {
  private static final Duration CLOSE = Duration.ofSeconds(5);
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final ElasticPool pool;
  private final Executor completions;

  /** The futures that the application holds, and what completes each, once that is known. */
  private final Map<CompletableFuture<?>, Optional<Runnable>> open = new ConcurrentHashMap<>();

  /** Answers that no thread has begun to give. */
  private final AtomicInteger waiting = new AtomicInteger();

  private final int maxThreads;
  private final int maxWaiting;
  private volatile boolean closed;

  /**
   * @param threads while no dependent blocks
   * @param maxThreads at most
   * @param maxWaiting answers that may wait for a thread before calls are refused; where all
   *     threads are blocked, no more than there are threads
   * @param completions what completes futures, made of the pool that does so when it is closed
   */
  public Answers(
      int threads, int maxThreads, int maxWaiting, Function<Executor, Executor> completions) {
    this.maxThreads = maxThreads;
    this.maxWaiting = maxWaiting;
    this.pool = new ElasticPool(threads, maxThreads, Threads.named("answer"), true);
    this.completions = completions.apply(pool);
  }

  /**
   * Begins a call of the application, unless too many answers wait: fails with {@code BUSY} then,
   * and nothing was done.
   */
  public <T> CompletableFuture<T> take(Supplier<CompletableFuture<T>> call) {
    int most = pool.isBlocked() ? Math.min(maxThreads, maxWaiting) : maxWaiting;
    return waiting.get() < most
        ? call.get()
        : CompletableFuture.failedFuture(
            ChatException.busy(
                "too many answers wait for threads, which what hangs on other futures blocks",
                RETRY_AFTER));
  }

  /** As {@link #take}, and gives the application its side of the future. */
  public <T> CompletableFuture<T> call(Supplier<CompletableFuture<T>> call) {
    return take(() -> of(call.get()));
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
    waiting.incrementAndGet();
    (closed ? pool : completions)
        .execute(
            () -> {
              waiting.decrementAndGet();
              completion.run();
            });
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

  /** Answers that no thread has begun to give. */
  public int waiting() {
    return waiting.get();
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
