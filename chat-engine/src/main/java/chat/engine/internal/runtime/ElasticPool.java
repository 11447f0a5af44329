package chat.engine.internal.runtime;

import chat.engine.internal.session.Session;
import chat.engine.internal.util.Threads;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs what belongs to the application: listeners and dependents of stages. A few threads are
 * enough as long as nobody blocks; a task that holds its thread for longer than {@link
 * #STUCK_NANOS} is counted as stuck and another thread takes its place, up to {@link #MAX_THREADS},
 * so that who blocks delays nobody else. Surplus threads end when the stuck ones return.
 *
 * <p>Its queue holds at most one entry for each session (a session is queued once, however many
 * events it has) and one for each send under way, so it is bounded by those. Thread-safe.
 */
public final class ElasticPool implements Executor, AutoCloseable {
  static final int MAX_THREADS = 512;
  private static final long STUCK_NANOS = TimeUnit.MILLISECONDS.toNanos(30);
  private static final Logger log = LoggerFactory.getLogger(ElasticPool.class);

  private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private final List<Worker> workers = new CopyOnWriteArrayList<>();
  private final ThreadFactory threads;
  private final int size;
  private volatile boolean closed;

  public ElasticPool(int size) {
    this(size, Threads.named("delivery"));
  }

  public ElasticPool(int size, ThreadFactory threads) {
    this.size = size;
    this.threads = threads;
    for (int i = 0; i < size; i++) {
      startWorker();
    }
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    if (closed) {
      giveLastAnswers();
    }
  }

  /** To be called every few milliseconds, by one thread: replaces stuck threads. */
  public void replaceStuckWorkers() {
    if (tasks.isEmpty()) {
      return;
    }
    long now = System.nanoTime();
    int stuck = 0;
    for (Worker worker : workers) {
      if (worker.isStuck(now)) {
        stuck++;
      }
    }
    for (int missing = Math.min(size + stuck, MAX_THREADS) - workers.size();
        missing > 0;
        missing--) {
      startWorker();
    }
  }

  public boolean isIdle() {
    return tasks.isEmpty();
  }

  public int threadCount() {
    return workers.size();
  }

  /**
   * Ends the threads as they become free. Events that still wait are dropped; answers are given,
   * for somebody may wait for them.
   */
  @Override
  public void close() {
    closed = true;
    for (Worker worker : workers) {
      Thread thread = worker.thread;
      if (thread != null) {
        thread.interrupt();
      }
    }
    giveLastAnswers();
  }

  private void giveLastAnswers() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      if (!(task instanceof Session)) { // whose listener may block
        run(task);
      }
    }
  }

  private static void run(Runnable task) {
    try {
      task.run();
    } catch (Throwable fault) {
      Threads.outlived(fault);
      log.error("a delivery task failed", fault);
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
    private static final long IDLE = Long.MIN_VALUE;
    private volatile long busySince = IDLE;
    private volatile @Nullable Thread thread;

    boolean isStuck(long now) {
      long since = busySince;
      return since != IDLE && now - since > STUCK_NANOS;
    }

    @Override
    public void run() {
      try {
        while (!closed) {
          Runnable task = take();
          if (task == null) {
            return;
          }
          busySince = System.nanoTime();
          ElasticPool.run(task);
          busySince = IDLE;
        }
      } finally {
        workers.remove(this);
      }
    }

    /** The next task; null when this thread is one too many, or the pool is closed. */
    private @Nullable Runnable take() {
      while (!closed) {
        try {
          Runnable task = tasks.poll(1, TimeUnit.SECONDS);
          if (task != null) {
            return task;
          }
          if (workers.size() > size) {
            return null;
          }
        } catch (InterruptedException endOfPoolOrOfAStuckTask) {
          // The loop looks at closed; an interrupt meant for a task that has just ended is spent
          // here.
        }
      }
      return null;
    }
  }
}
