package chat.server.http.timeout;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks a few times a second at everything that may take only so long, on one thread. So slow
 * clients cost an entry in a set, not a timer or a thread. Thread-safe.
 */
public final class Watch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Watch.class);
  private static final long PERIOD_MILLIS = 250;

  /** Something that may take only so long. */
  public interface Watched {
    /** Ends it if its time is up. Must not block. */
    void look(long nowNanos);
  }

  private final Set<Watched> watched = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread clock = new Thread(task, "chat-http-watch");
            clock.setDaemon(true);
            return clock;
          });

  public Watch() {
    thread.scheduleWithFixedDelay(this::look, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  public void add(Watched one) {
    watched.add(one);
  }

  public void remove(Watched one) {
    watched.remove(one);
  }

  private void look() {
    long now = System.nanoTime();
    for (Watched one : watched) {
      try {
        one.look(now);
      } catch (RuntimeException | Error fault) { // which would end all later looks
        log.warn("a connection could not be looked after", fault);
      }
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
