package chat.server;

import chat.server.config.Settings;
import chat.server.database.EmbeddedDatabase;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server of this process, from the start to the signal that ends it, which can come at any
 * moment: a start that is under way gives up at its next step, and what it had begun is closed
 * before the process ends. Thread-safe.
 */
final class ServerRun {
  private static final Logger log = LoggerFactory.getLogger(ServerRun.class);

  /** A step of the start that takes longer is left alone, but for PostgreSQL, which is stopped. */
  private static final Duration STEP_WAIT = Duration.ofSeconds(20);

  private final Settings settings;
  private final CompletableFuture<ChatServer> started = new CompletableFuture<>();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private volatile boolean stopping;

  private ServerRun(Settings settings) {
    this.settings = settings;
  }

  /** Before anything is started. */
  static ServerRun untilStopped(Settings settings) {
    ServerRun run = new ServerRun(settings);
    Runtime.getRuntime().addShutdownHook(new Thread(run::stop, "chat-stop"));
    return run;
  }

  /**
   * Blocks until clients can come.
   *
   * @return null if the process was told to end meanwhile
   * @throws IOException if it cannot start
   */
  @Nullable ChatServer start() throws IOException {
    try {
      ChatServer server = ChatServer.start(settings, () -> stopping);
      started.complete(server);
      return stopping ? null : server;
    } catch (IOException | RuntimeException | Error fault) {
      started.completeExceptionally(fault); // what was begun is closed
      if (stopping) {
        return null;
      }
      throw fault;
    }
  }

  /** Blocks until the process is told to stop, and the server has ended. */
  void awaitEnd() throws InterruptedException {
    stopped.await();
  }

  private void stop() {
    stopping = true;
    try {
      started.get(STEP_WAIT.toSeconds(), TimeUnit.SECONDS).close();
    } catch (ExecutionException notStarted) {
      log.debug("there is nothing to stop", notStarted);
    } catch (TimeoutException busy) {
      log.warn("the start does not give up; the process ends in the middle of it");
      stopDatabase();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    stopped.countDown();
  }

  private void stopDatabase() {
    if (settings.databaseUrl() != null) {
      return;
    }
    try {
      EmbeddedDatabase.stopRunning(settings.dataDir());
    } catch (IOException fault) {
      log.warn("the embedded PostgreSQL could not be stopped", fault);
    }
  }
}
