package chat.engine.internal.runtime;

import chat.engine.internal.util.LogThrottle;
import chat.engine.internal.util.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs code of the application: listeners, or dependents of futures. A few threads are enough as
 * long as nobody blocks. A task that holds its thread for longer than {@link #STUCK} counts as
 * stuck and another thread takes its place, up to a bound; where all are stuck their number
 * doubles. Surplus threads end when the stuck ones return. When all threads are stuck, those that
 * were stuck for longest are interrupted, so that the tasks behind them move.
 *
 * <p>Its queue is bounded by its users: deliveries have at most one entry for each session, and
 * {@link Answers} takes no calls when too many entries wait. Thread-safe.
 */
public final class ElasticPool implements Executor, AutoCloseable {
  static final Duration STUCK = Duration.ofMillis(30);
  private static final Duration INTERRUPTED_AFTER = Duration.ofSeconds(1);
  private static final Duration IDLE = Duration.ofSeconds(1);
  private static final Duration LOG_PERIOD = Duration.ofSeconds(30);
  private static final int INTERRUPTED_AT_ONCE = 16;
  private static final Logger log = LoggerFactory.getLogger(ElasticPool.class);

  private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private final List<Worker> workers = new CopyOnWriteArrayList<>();
  private final ThreadFactory threads;
  private final int size;
  private final int maxThreads;
  private final boolean finishesTasks;
  private final LogThrottle saturations = new LogThrottle(LOG_PERIOD);
  private final AtomicInteger pending = new AtomicInteger();
  private volatile boolean closed;

  /** Whether the last look found all threads stuck that there may be. */
  private volatile boolean blocked;

  /** How many threads stay when nothing waits: those that are stuck, and the usual ones. */
  private volatile int kept;

  /**
   * @param size threads while nothing blocks
   * @param maxThreads threads at most
   * @param finishesTasks whether tasks that wait when the pool closes are still run, on threads of
   *     the pool, or dropped
   */
  public ElasticPool(int size, int maxThreads, ThreadFactory threads, boolean finishesTasks) {
    this.size = size;
    this.maxThreads = Math.max(size, maxThreads);
    this.kept = size;
    this.threads = threads;
    this.finishesTasks = finishesTasks;
    for (int i = 0; i < size; i++) {
      startWorker();
    }
  }

  @Override
  public void execute(Runnable task) {
    pending.incrementAndGet();
    tasks.add(task);
    if (closed) {
      finish();
    }
  }

  /** To be called every few milliseconds: replaces stuck threads. */
  public synchronized void replaceStuckWorkers() {
    long now = System.nanoTime();
    int stuck = (int) workers.stream().filter(worker -> worker.isBusySince(now, STUCK)).count();
    kept = size + stuck;
    blocked = stuck >= maxThreads;
    boolean allStuck = stuck >= workers.size();
    int wanted = Math.min(allStuck ? Math.max(kept, 2 * stuck) : kept, maxThreads);
    int missing = Math.min(wanted - workers.size(), tasks.size());
    for (int i = 0; i < missing; i++) {
      startWorker();
    }
    if (blocked && !tasks.isEmpty()) {
      interruptLongestStuck(now);
    }
  }

  private void interruptLongestStuck(long now) {
    long times = saturations.due();
    if (times > 0) {
      log.warn(
          "all {} threads for code of the application are blocked; the longest are interrupted",
          maxThreads);
    }
    workers.stream()
        .filter(worker -> worker.isBusySince(now, INTERRUPTED_AFTER))
        .sorted(Comparator.comparingLong(worker -> worker.busySince - now))
        .limit(INTERRUPTED_AT_ONCE)
        .forEach(Worker::interrupt);
  }

  /** Whether no task waits or runs. */
  public boolean isIdle() {
    return pending.get() == 0;
  }

  /** Whether all threads that there may be are held by tasks that do not end. */
  public boolean isBlocked() {
    return blocked;
  }

  public int threadCount() {
    return workers.size();
  }

  /** Ends the threads as they become free, and interrupts those that run dropped work. */
  @Override
  public void close() {
    closed = true;
    if (!finishesTasks) {
      workers.forEach(Worker::interrupt);
    }
    finish();
  }

  /** After the close: drops what waits, or runs it on a thread that is certain to be free. */
  private void finish() {
    if (!finishesTasks) {
      pending.addAndGet(-tasks.drainTo(new ArrayList<>()));
    } else if (!tasks.isEmpty()) {
      startWorker();
    }
  }

  private void startWorker() {
    Worker worker = new Worker();
    Thread thread = threads.newThread(worker);
    worker.thread = thread;
    workers.add(worker);
    try {
      thread.start();
    } catch (Error noThread) {
      workers.remove(worker);
      throw noThread;
    }
  }

  private final class Worker implements Runnable {
    private static final long IDLING = Long.MIN_VALUE;
    private volatile long busySince = IDLING;
    private volatile @Nullable Thread thread;

    boolean isBusySince(long now, Duration least) {
      long since = busySince;
      return since != IDLING && now - since > least.toNanos();
    }

    void interrupt() {
      Thread running = thread;
      if (running != null) {
        running.interrupt();
      }
    }

    @Override
    public void run() {
      try {
        for (Runnable task = take(); task != null; task = take()) {
          try {
            task.run();
          } catch (Throwable fault) {
            Threads.outlived(fault);
            log.error("code of the application failed", fault);
          }
          busySince = IDLING;
          pending.decrementAndGet();
        }
      } finally {
        workers.remove(this);
      }
    }

    /** The next task; null when this thread is one too many, or the pool is closed. */
    private @Nullable Runnable take() {
      while (true) {
        Thread.interrupted(); // meant for the task before
        try {
          if (closed && !finishesTasks) {
            return null;
          }
          boolean ends = closed || workers.size() > kept;
          Runnable task = ends ? tasks.poll() : tasks.poll(IDLE.toNanos(), TimeUnit.NANOSECONDS);
          if (task != null) {
            busySince = System.nanoTime();
            return task;
          }
          if (ends) {
            return null;
          }
        } catch (InterruptedException closedOrMeantForTheTaskBefore) {
          // The loop looks at closed.
        }
      }
    }
  }
}
