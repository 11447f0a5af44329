package chat.engine.internal.runtime;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Counts the writes that were taken and are not finished, so that the end of the engine can wait
 * for them: all but messages, which {@code CommitPipeline} counts. A write is finished when it has
 * failed, or is committed and its envelope is with the publisher. Thread-safe; does not block.
 */
public final class AcceptedWrites {
  private final AtomicInteger unfinished = new AtomicInteger();
  private volatile boolean refusing;

  /**
   * Begins a write, unless the engine is about to end.
   *
   * @param write completes when the write is finished
   */
  public <T> CompletableFuture<T> take(Supplier<CompletableFuture<T>> write) {
    unfinished.incrementAndGet(); // before the look, so that none passes by who waits for the end
    if (refusing) {
      unfinished.decrementAndGet();
      return CompletableFuture.failedFuture(Errors.closing());
    }
    return counted(write);
  }

  /** As {@link #take} for what is committed already, and so is finished even at the end. */
  public <T> CompletableFuture<T> finish(Supplier<CompletableFuture<T>> publication) {
    unfinished.incrementAndGet();
    return counted(publication);
  }

  private <T> CompletableFuture<T> counted(Supplier<CompletableFuture<T>> write) {
    CompletableFuture<T> begun;
    try {
      begun = write.get();
    } catch (RuntimeException | Error fault) {
      unfinished.decrementAndGet();
      throw fault;
    }
    return begun.whenComplete((done, fault) -> unfinished.decrementAndGet());
  }

  /** From now on new writes are refused; those that were taken go on. */
  public void refuse() {
    refusing = true;
  }

  public boolean areFinished() {
    return unfinished.get() == 0;
  }
}
