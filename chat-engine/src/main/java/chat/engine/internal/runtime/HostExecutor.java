package chat.engine.internal.runtime;

import chat.engine.internal.util.LogThrottle;
import chat.engine.internal.util.Threads;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs code of the application on an executor of the application, without trusting it: a task that
 * the executor refuses, that it would run on the thread which hands it over, or that it does not
 * begin within {@link #PATIENCE}, runs on the engine's own threads instead. So whatever the
 * executor does, every task runs once, and none waits for longer behind tasks that block.
 *
 * <p>A task that the executor begins late finds its work done. Until then it is given no others, so
 * one that stands still delays the engine once, and its queue does not grow. Once this is closed,
 * what has not begun runs on the engine's own threads, and so does all that comes later: the
 * executor may be gone as well. Thread-safe; never blocks, as long as the executor does not.
 */
public final class HostExecutor implements Executor, AutoCloseable {
  /** Far above what an executor that has a free thread takes. */
  static final Duration PATIENCE = Duration.ofMillis(100);

  private static final Duration LOG_PERIOD = Duration.ofMinutes(1);
  private static final Logger log = LoggerFactory.getLogger(HostExecutor.class);

  private final Executor host;
  private final Executor own;
  private final LongSupplier nanoClock;
  private final Metrics metrics;
  private final LogThrottle fallbacks = new LogThrottle(LOG_PERIOD);
  private final AtomicInteger pending = new AtomicInteger();

  /** Tasks that ran elsewhere and that the executor has not come to yet. */
  private final AtomicInteger kept = new AtomicInteger();

  /** Those that have not begun, and some that have, the oldest first; guarded by itself. */
  private final Deque<Task> handedOver = new ArrayDeque<>();

  private volatile boolean closed;

  /**
   * @param own takes every task and does not run it on the calling thread
   * @param nanoClock as {@link System#nanoTime}
   */
  public HostExecutor(Executor host, Executor own, LongSupplier nanoClock, Metrics metrics) {
    this.host = host;
    this.own = own;
    this.nanoClock = nanoClock;
    this.metrics = metrics;
  }

  @Override
  public void execute(Runnable work) {
    Task task = new Task(work, nanoClock.getAsLong());
    pending.incrementAndGet();
    if (kept.get() > 0) {
      runOnOwnThread(task, "keeps a task that it does not run", null);
      return;
    }
    synchronized (handedOver) {
      handedOver.addLast(task);
    }
    try {
      host.execute(task);
    } catch (Throwable refused) {
      Threads.outlived(refused);
      runOnOwnThread(task, "refused a task", refused);
    }
    task.isHandedOver();
    if (closed) {
      takeBack(task);
    }
  }

  /** Idempotent. */
  @Override
  public void close() {
    closed = true;
    List<Task> left;
    synchronized (handedOver) {
      left = List.copyOf(handedOver);
      handedOver.clear();
    }
    left.forEach(this::takeBack);
  }

  /** Whether no task waits or runs. */
  public boolean isIdle() {
    return pending.get() == 0;
  }

  /** To be called every few milliseconds, by one thread: sees to the tasks that have not begun. */
  public void rescueWaiting() {
    long latest = nanoClock.getAsLong() - PATIENCE.toNanos();
    List<Task> late = new ArrayList<>();
    synchronized (handedOver) {
      for (Task first = handedOver.peekFirst();
          first != null && (first.hasBegun() || first.sinceNanos - latest <= 0);
          first = handedOver.peekFirst()) {
        late.add(handedOver.removeFirst());
      }
    }
    for (Task task : late) {
      if (runOnOwnThread(task, "has not begun a task within 100 ms", null)) {
        kept.incrementAndGet();
      }
    }
  }

  /**
   * @return false if the task has begun
   */
  private boolean runOnOwnThread(Task task, String why, @Nullable Throwable fault) {
    if (!takeBack(task)) {
      return false;
    }
    metrics.count(Metrics.Counter.EXECUTOR_FALLBACKS);
    long times = fallbacks.due();
    if (times > 0) {
      log.warn(
          "the executor that the engine was given {}; the engine runs such tasks on its own threads"
              + " ({} since this was last logged)",
          why,
          times,
          fault);
    }
    return true;
  }

  /**
   * @return false if the task has begun
   */
  private boolean takeBack(Task task) {
    if (!task.claim()) {
      return false;
    }
    own.execute(task::work);
    return true;
  }

  private final class Task implements Runnable {
    private final Runnable work;
    private final long sinceNanos;

    // Guarded by this.
    private boolean begun;
    private @Nullable Thread handingOver = Thread.currentThread();

    Task(Runnable work, long sinceNanos) {
      this.work = work;
      this.sinceNanos = sinceNanos;
    }

    synchronized boolean hasBegun() {
      return begun;
    }

    synchronized void isHandedOver() {
      handingOver = null;
    }

    /**
     * @return whether the caller is to run it
     */
    synchronized boolean claim() {
      boolean first = !begun;
      begun = true;
      return first;
    }

    private synchronized boolean isOnCallingThread() {
      return handingOver == Thread.currentThread();
    }

    @Override
    public void run() {
      if (isOnCallingThread()) {
        runOnOwnThread(this, "runs tasks on the calling thread", null);
      } else if (claim()) {
        work();
      } else {
        kept.decrementAndGet();
      }
    }

    void work() {
      boolean interruptedBefore = Thread.currentThread().isInterrupted();
      try {
        Threads.runAsEngine(work);
      } catch (Throwable fault) {
        Threads.outlived(fault);
        log.error("code of the application failed", fault);
      } finally {
        if (!interruptedBefore) {
          Thread.interrupted(); // meant for this task
        }
        pending.decrementAndGet();
      }
    }
  }
}
