package chat.engine.internal.feed;

import chat.engine.internal.util.Threads;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that runs tasks in order. ShardedFeeds of a stripe are touched by its thread only, and
 * so need no locks; tasks must not block. Hints (envelopes) are refused when the queue is long: the
 * store has what they said.
 */
public final class ShardThread implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ShardThread.class);
  private static final int MAX_HINTS = 16_384;
  private static final int MAX_DRAIN = 256;

  private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private final Thread thread;
  private volatile boolean closed;

  public ShardThread(ThreadFactory threads) {
    this.thread = threads.newThread(this::run);
    thread.start();
  }

  public void execute(Runnable task) {
    tasks.add(task);
  }

  /**
   * @return false if there is too much to do already
   */
  boolean offerHint(Runnable task) {
    if (tasks.size() >= MAX_HINTS) {
      return false;
    }
    tasks.add(task);
    return true;
  }

  int backlog() {
    return tasks.size();
  }

  private void run() {
    List<Runnable> batch = new ArrayList<>(MAX_DRAIN);
    while (!closed) {
      try {
        batch.add(tasks.take());
      } catch (InterruptedException endOfEngine) {
        continue; // the loop looks at closed
      }
      tasks.drainTo(batch, MAX_DRAIN - 1);
      for (Runnable task : batch) {
        try {
          task.run();
        } catch (RuntimeException | Error fault) {
          Threads.outlived(fault);
          log.error("a feed task failed", fault);
        }
      }
      batch.clear();
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
