package chat.server.http;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads on which handlers may block. Calls have as many as the limits say, made when needed,
 * and no queue. The parts of uploads and streams have a few of their own, and wait for one: each of
 * them is short, and there is at most one for each connection. Thread-safe.
 */
final class Workers implements AutoCloseable {
  static final int TRANSFERS = 16;
  private static final int KEEP_SECONDS = 30;

  private final ThreadPoolExecutor calls;
  private final ThreadPoolExecutor transfers;

  Workers(int limit) {
    calls =
        new ThreadPoolExecutor(
            0,
            limit,
            KEEP_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> daemon(task, "chat-http"));
    transfers =
        new ThreadPoolExecutor(
            TRANSFERS,
            TRANSFERS,
            KEEP_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> daemon(task, "chat-http-transfer"));
    transfers.allowCoreThreadTimeOut(true);
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  /** Whether there was room for one more call. */
  boolean call(Runnable call) {
    try {
      calls.execute(call);
      return true;
    } catch (RejectedExecutionException full) {
      return false;
    }
  }

  /** Runs the next part of an upload or a stream; not so after {@link #close}. */
  boolean transfer(Runnable part) {
    try {
      transfers.execute(part);
      return true;
    } catch (RejectedExecutionException stopped) {
      return false;
    }
  }

  /**
   * Parts of transfers that still waited run now, on this thread, and learn that there is no next.
   */
  @Override
  public void close() {
    calls.shutdownNow();
    transfers.shutdownNow().forEach(Runnable::run);
  }
}
