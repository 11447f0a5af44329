package chat.engine.internal.util;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that runs short tasks at their time. Tasks must not block; what they throw is logged
 * and ends neither the thread nor a repetition. Thread-safe.
 */
public final class Timers implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Timers.class);

  private final ScheduledThreadPoolExecutor timers =
      new ScheduledThreadPoolExecutor(1, Threads.named("timer"));

  /** Runs a task once; not at all if the timers close before. */
  public void later(Duration delay, Runnable task) {
    try {
      timers.schedule(() -> run(task), delay.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException closed) {
      log.trace("closed", closed);
    }
  }

  /** Runs a task again and again, each time so long after the last one ended. */
  public void every(Duration period, Runnable task) {
    timers.scheduleWithFixedDelay(
        () -> run(task), period.toNanos(), period.toNanos(), TimeUnit.NANOSECONDS);
  }

  private static void run(Runnable task) {
    try {
      task.run();
    } catch (Throwable fault) {
      Threads.outlived(fault);
      log.error("a timer task failed", fault);
    }
  }

  @Override
  public void close() {
    timers.shutdownNow();
  }
}
