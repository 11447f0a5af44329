package chat.engine.internal.runtime;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Asynchronous tasks in lines: those of one line are worked on one after the other, in the order
 * given; lines side by side. Bounded in number and weight, all lines together.
 *
 * <p>Thread-safe, never blocks. Work on a task begins on the thread that adds it, or on the one
 * that completed the task before it.
 *
 * @param <K> names a line
 * @param <T> a task
 */
public final class Lines<K, T> {
  private final int capacity;
  private final long maxWeight;
  private final ToIntFunction<T> weights;
  private final Function<T, CompletableFuture<?>> work;

  // All below is guarded by this. A line with an entry has a task in work.
  private final Map<K, ArrayDeque<T>> waiting = new HashMap<>();
  private int size;
  private long weight;

  /**
   * @param work begins to work on a task, and completes when the next one may begin; does not throw
   */
  public Lines(
      int capacity,
      long maxWeight,
      ToIntFunction<T> weights,
      Function<T, CompletableFuture<?>> work) {
    this.capacity = capacity;
    this.maxWeight = maxWeight;
    this.weights = weights;
    this.work = work;
  }

  /** Tasks that wait or are worked on. */
  public synchronized int size() {
    return size;
  }

  /**
   * @return false if there is no room
   */
  public boolean add(K line, T task) {
    int weighs = weights.applyAsInt(task);
    synchronized (this) {
      if (size >= capacity || weight + weighs > maxWeight) {
        return false;
      }
      size++;
      weight += weighs;
      ArrayDeque<T> before = waiting.get(line);
      if (before != null) {
        before.addLast(task);
        return true;
      }
      waiting.put(line, new ArrayDeque<>());
    }
    work(line, task);
    return true;
  }

  /** Works on a line until a task is not done at once; its completion goes on. */
  private void work(K line, T first) {
    T task = first;
    while (task != null) {
      T current = task;
      CompletableFuture<?> done = work.apply(current);
      if (!done.isDone()) {
        done.whenComplete(
            (result, fault) -> {
              T next = next(line, current);
              if (next != null) {
                work(line, next);
              }
            });
        return;
      }
      task = next(line, current);
    }
  }

  private synchronized @Nullable T next(K line, T done) {
    size--;
    weight -= weights.applyAsInt(done);
    ArrayDeque<T> left = waiting.get(line);
    T next = left == null ? null : left.pollFirst();
    if (next == null) {
      waiting.remove(line);
    }
    return next;
  }
}
