package chat.engine.internal.runtime;

import chat.engine.hook.EngineTimings;
import chat.engine.internal.util.BatchWorker;
import chat.engine.internal.util.LogThrottle;
import chat.engine.internal.util.Threads;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes timings on to the application from a thread that does nothing else, so that timings which
 * block or throw harm only themselves. Timings that outrun the application are dropped.
 * Thread-safe, never blocks.
 */
public final class QueuedTimings implements EngineTimings, AutoCloseable {
  private static final int CAPACITY = 16_384;
  private static final int MAX_BATCH = 1_024;

  /** Nobody waits for timings, so the thread need not be woken for each. */
  private static final Duration GATHER = Duration.ofMillis(20);

  private static final Logger log = LoggerFactory.getLogger(QueuedTimings.class);

  private final EngineTimings application;
  private final LogThrottle faults = new LogThrottle(Duration.ofMinutes(1));
  private final BatchWorker<Runnable> worker;

  public QueuedTimings(EngineTimings application) {
    this.application = application;
    this.worker =
        new BatchWorker<>(
            Threads.named("timings"),
            CAPACITY,
            MAX_BATCH,
            GATHER,
            batch -> batch.forEach(this::run),
            (dropped, cause) -> {});
  }

  @Override
  public void committed(int sends, Duration took) {
    worker.offer(() -> application.committed(sends, took));
  }

  @Override
  public void delivered(Duration lag) {
    worker.offer(() -> application.delivered(lag));
  }

  private void run(Runnable call) {
    try {
      call.run();
    } catch (Throwable fault) {
      Threads.outlived(fault);
      long times = faults.due();
      if (times > 0) {
        log.warn("the engine timings threw, {} times since this was last logged", times, fault);
      }
    }
  }

  @Override
  public void close() {
    worker.close();
  }
}
