package chat.server.database;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Something that a process starts, and closes when a signal ends the process, which can come before
 * the start is done: it is waited for. Thread-safe.
 *
 * @param <T> what is started
 */
public final class StartUnderWay<T extends AutoCloseable> {
  private static final Logger log = LoggerFactory.getLogger(StartUnderWay.class);

  /** A step of the start that takes longer is left alone, but for PostgreSQL, which is stopped. */
  private static final Duration STEP_WAIT = Duration.ofSeconds(20);

  private final @Nullable Path embedded;
  private final CompletableFuture<T> started = new CompletableFuture<>();

  /**
   * @param embedded the directory of the PostgreSQL that the start may have begun; null for none
   */
  public StartUnderWay(@Nullable Path embedded) {
    this.embedded = embedded;
  }

  public void done(T result) {
    started.complete(result);
  }

  /** What was begun is closed. */
  public void failed(Throwable fault) {
    started.completeExceptionally(fault);
  }

  /** For the hook of the process's end. */
  public void close() {
    try {
      started.get(STEP_WAIT.toSeconds(), TimeUnit.SECONDS).close();
    } catch (ExecutionException notStarted) {
      log.debug("there is nothing to stop", notStarted);
    } catch (TimeoutException busy) {
      log.warn("the start does not give up; the process ends in the middle of it");
      stopDatabase();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } catch (Exception fault) {
      log.warn("not everything could be stopped", fault);
    }
  }

  private void stopDatabase() {
    if (embedded == null) {
      return;
    }
    try {
      EmbeddedDatabase.stopRunning(embedded);
    } catch (IOException fault) {
      log.warn("the embedded PostgreSQL could not be stopped", fault);
    }
  }
}
