package chat.server;

import chat.server.config.Settings;
import chat.server.database.StartUnderWay;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * The server of this process, from the start to the signal that ends it, which can come at any
 * moment: a start that is under way gives up at its next step, and what it had begun is closed
 * before the process ends. Thread-safe.
 */
final class ServerRun {
  private final Settings settings;
  private final StartUnderWay<ChatServer> started;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private volatile boolean stopping;

  private ServerRun(Settings settings) {
    this.settings = settings;
    this.started = new StartUnderWay<>(settings.databaseUrl() == null ? settings.dataDir() : null);
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
      started.done(server);
      return stopping ? null : server;
    } catch (IOException | RuntimeException | Error fault) {
      started.failed(fault);
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
    started.close();
    stopped.countDown();
  }
}
