package chat.engine.internal.util;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bounded queue with one thread that handles everything that queued up while it was busy as one
 * batch. A batch grows with the load, and a lone item waits for nobody.
 *
 * <p>Every item ends in exactly one place: the caller of {@link #offer} keeps it if it is refused,
 * the {@link Handler} takes it, or the {@link Refusal} gets it when the handler throws or the
 * worker closes first. Thread-safe; callers never block.
 */
public final class BatchWorker<T> implements AutoCloseable {
  /** Handles a batch, in the order of the queue. */
  @FunctionalInterface
  public interface Handler<T> {
    /** Called on the thread of the worker. May block; interrupted when the worker closes. */
    void handle(List<T> batch) throws InterruptedException;
  }

  /** Takes the items that are not handled. */
  @FunctionalInterface
  public interface Refusal<T> {
    /**
     * Called with the batch in which the handler threw, or with what was queued when the worker
     * closed or came later; then on the closing thread or that of the worker. Must neither block
     * nor throw.
     *
     * @param cause what the handler threw; an {@link InterruptedException} when the worker closes
     */
    void refuse(List<T> items, Throwable cause);
  }

  private static final Logger log = LoggerFactory.getLogger(BatchWorker.class);
  private static final String CLOSED = "the worker is closed";
  private static final long POLL_NANOS = Duration.ofMillis(1).toNanos();

  private final LinkedBlockingQueue<T> queue = new LinkedBlockingQueue<>();
  private final AtomicInteger pending = new AtomicInteger();
  private final int capacity;
  private final int maxBatch;
  private final long gatherNanos;
  private final Handler<T> handler;
  private final Refusal<T> refusal;
  private final Thread thread;
  private volatile boolean closed;

  /**
   * Starts the thread.
   *
   * @param capacity how many items may wait or be in work before {@link #offer} refuses more
   * @param maxBatch the largest batch
   */
  public BatchWorker(
      ThreadFactory threads, int capacity, int maxBatch, Handler<T> handler, Refusal<T> refusal) {
    this(threads, capacity, maxBatch, Duration.ZERO, handler, refusal);
  }

  /**
   * As above, for work in which a few items cost as much as one.
   *
   * @param gather the shortest time from the beginning of one batch to the next; zero for none
   */
  public BatchWorker(
      ThreadFactory threads,
      int capacity,
      int maxBatch,
      Duration gather,
      Handler<T> handler,
      Refusal<T> refusal) {
    this.capacity = capacity;
    this.maxBatch = maxBatch;
    this.gatherNanos = gather.toNanos();
    this.handler = handler;
    this.refusal = refusal;
    this.thread = threads.newThread(this::run);
    thread.start();
  }

  /**
   * Queues an item.
   *
   * @return false if the worker is full or closed; then the caller keeps the item
   */
  public boolean offer(T item) {
    if (pending.incrementAndGet() > capacity) {
      pending.decrementAndGet();
      return false;
    }
    return enqueue(item);
  }

  /**
   * Queues an item beyond the capacity if need be, for callers that bound what they add.
   *
   * @return false if the worker is closed; then the caller keeps the item
   */
  public boolean add(T item) {
    pending.incrementAndGet();
    return enqueue(item);
  }

  private boolean enqueue(T item) {
    queue.add(item);
    if (closed && remove(item)) { // else the closing thread has taken it
      pending.decrementAndGet();
      return false;
    }
    return true;
  }

  /** Takes this item back, and not another that is equal to it. */
  private boolean remove(T item) {
    boolean[] found = new boolean[1];
    return queue.removeIf(
        waiting -> {
          boolean same = waiting == item && !found[0];
          found[0] |= same;
          return same;
        });
  }

  /** Items that wait or are in work. */
  public int pending() {
    return pending.get();
  }

  /** Waits until nothing waits or is in work, or until the time is over; not on its own thread. */
  public void awaitIdle(Duration atMost) {
    long end = System.nanoTime() + atMost.toNanos();
    while (pending() > 0
        && System.nanoTime() - end < 0
        && Thread.currentThread() != thread
        && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  /** Takes all items that wait, for the caller to finish. */
  public List<T> takeWaiting() {
    List<T> taken = new ArrayList<>();
    queue.drainTo(taken);
    pending.addAndGet(-taken.size());
    return taken;
  }

  private void run() {
    List<T> batch = new ArrayList<>();
    long begun = System.nanoTime() - gatherNanos;
    while (!closed) {
      int taken = 0;
      try {
        batch.add(queue.take());
        if (gatherNanos > 0) {
          gatherSince(begun);
          begun = System.nanoTime();
        }
        queue.drainTo(batch, maxBatch - 1);
        taken = batch.size();
        if (closed) { // the item came before the interrupt did
          throw new InterruptedException(CLOSED);
        }
        handler.handle(batch);
      } catch (Throwable fault) {
        Threads.outlived(fault);
        taken = Math.max(taken, batch.size());
        refuse(batch, fault);
      }
      pending.addAndGet(-taken);
      batch = new ArrayList<>(Math.min(maxBatch, 16));
    }
  }

  private void gatherSince(long begun) {
    long left = gatherNanos - (System.nanoTime() - begun);
    while (left > 0 && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(left); // which may return early
      left = gatherNanos - (System.nanoTime() - begun);
    }
  }

  private void refuse(List<T> items, Throwable cause) {
    if (items.isEmpty()) {
      return;
    }
    try {
      refusal.refuse(items, cause);
    } catch (Throwable fault) {
      Threads.outlived(fault);
      log.error("{} items could not be refused", items.size(), fault);
    }
  }

  /** Refuses what waits and interrupts the batch in work. Does not wait for it. Idempotent. */
  @Override
  public void close() {
    closed = true;
    if (Thread.currentThread() != thread) {
      thread.interrupt();
    }
    refuse(takeWaiting(), new InterruptedException(CLOSED));
  }
}
