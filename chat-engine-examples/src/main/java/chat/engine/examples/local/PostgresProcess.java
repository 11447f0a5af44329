package chat.engine.examples.local;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Scanner;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real PostgreSQL that can be stopped, killed and started again on its data. Faults may overlap:
 * the first one that ends starts it for all. Thread-safe.
 */
public final class PostgresProcess implements AutoCloseable {
  private static final int START_ATTEMPTS = 20;
  private static final int END_POLLS = 1_000;
  private static final long RETRY_MILLIS = 500;
  private static final long POLL_MILLIS = 10;

  private final Path data;
  private final int port;
  private @Nullable EmbeddedPostgres server;

  private PostgresProcess(Path data, int port) {
    this.data = data;
    this.port = port;
  }

  public static PostgresProcess start(Path data, int port) {
    PostgresProcess process = new PostgresProcess(data, port);
    process.start();
    return process;
  }

  /**
   * Starts it on the data it had, if it does not run; tries again while what was killed is not
   * quite gone.
   */
  public synchronized void start() {
    if (server != null) {
      return;
    }
    for (int attempt = 1; ; attempt++) {
      try {
        server =
            EmbeddedPostgres.builder()
                .setPort(port)
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .setServerConfig("listen_addresses", "127.0.0.1")
                .setServerConfig("unix_socket_directories", "")
                .setServerConfig("max_connections", "120")
                .setServerConfig("shared_buffers", "64MB")
                // a server that is killed leaves nothing outside its directory
                .setServerConfig("dynamic_shared_memory_type", "mmap")
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .setLocaleConfig("locale", "C")
                .setLocaleConfig("locale-provider", "builtin")
                .setLocaleConfig("builtin-locale", "C.UTF-8")
                .setPGStartupWait(Duration.ofSeconds(60))
                .start();
        return;
      } catch (IOException | IllegalStateException notYet) {
        if (attempt == START_ATTEMPTS) {
          throw new IllegalStateException("PostgreSQL does not start", notYet);
        }
        pause(RETRY_MILLIS);
      }
    }
  }

  private static void pause(long millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
    }
  }

  public int port() {
    return port;
  }

  /** Directly, past all proxies. */
  public Connection connect() throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + "/postgres?socketTimeout=60", "postgres", "");
  }

  /** Ends it in order, and with it all connections. */
  public synchronized void stop() {
    try {
      if (server != null) {
        server.close();
      }
    } catch (IOException fault) {
      throw new UncheckedIOException(fault);
    }
    server = null;
  }

  /** Ends it as a power failure would, as far as a process can be. */
  public synchronized void kill() {
    List<ProcessHandle> killed = processes().toList();
    Signals.kill(killed.stream());
    awaitEnd(killed);
    try {
      // in a container the dead one may be listed for long, and it would bar the next start
      Files.deleteIfExists(pidFile());
    } catch (IOException fault) {
      throw new UncheckedIOException(fault);
    }
    stop(); // only to give back the lock on its folder
  }

  private static void awaitEnd(List<ProcessHandle> processes) {
    for (int i = 0; i < END_POLLS; i++) {
      // one that ended and that nobody has collected has no command
      if (processes.stream().noneMatch(one -> one.info().command().isPresent())) {
        return;
      }
      pause(POLL_MILLIS);
    }
    throw new IllegalStateException("PostgreSQL does not end");
  }

  public void pause(boolean paused) {
    if (paused) {
      Signals.stop(processes());
    } else {
      Signals.resume(processes());
    }
  }

  private Path pidFile() {
    return data.resolve("postmaster.pid");
  }

  /** The postmaster and its children. */
  private Stream<ProcessHandle> processes() {
    try (Scanner scanner = new Scanner(pidFile(), StandardCharsets.UTF_8)) {
      return ProcessHandle.of(scanner.nextLong()).stream()
          .flatMap(master -> Stream.concat(Stream.of(master), master.descendants()));
    } catch (IOException | NoSuchElementException none) {
      return Stream.empty();
    }
  }

  @Override
  public void close() {
    pause(false);
    stop();
  }
}
