package chat.engine.internal.hook;

import chat.engine.internal.util.Threads;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads on which hooks are called: one that is idle, or else another, so a task never waits
 * for one. Whoever uses it bounds the tasks. Thread-safe.
 */
public final class HookThreads implements Executor, AutoCloseable {
  private static final Duration IDLE = Duration.ofSeconds(10);

  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          IDLE.toMillis(),
          TimeUnit.MILLISECONDS,
          new SynchronousQueue<>(),
          Threads.named("hook"));

  /**
   * @throws java.util.concurrent.RejectedExecutionException after the close
   */
  @Override
  public void execute(Runnable task) {
    threads.execute(task);
  }

  /** Ends the threads as they become free. */
  @Override
  public void close() {
    threads.shutdown();
  }
}
