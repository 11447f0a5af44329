package chat.server.database;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real PostgreSQL 18 that belongs to this process and keeps its data in a directory, with every
 * commit on disk. The directory has one owner at a time; a PostgreSQL that a killed server left
 * behind in it is stopped first.
 */
public final class EmbeddedDatabase implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EmbeddedDatabase.class);
  private static final Duration START_WAIT = Duration.ofSeconds(60);
  private static final Duration STOP_WAIT = Duration.ofSeconds(20);

  private final FileChannel lockFile;
  private final EmbeddedPostgres postgres;

  private EmbeddedDatabase(FileChannel lockFile, EmbeddedPostgres postgres) {
    this.lockFile = lockFile;
    this.postgres = postgres;
  }

  /**
   * Starts it; the first time, creates it.
   *
   * @throws DirectoryInUseException if another server has the directory
   * @throws IOException if it cannot be started
   */
  public static EmbeddedDatabase start(Path directory) throws IOException {
    Path home = directory.toAbsolutePath().normalize();
    Files.createDirectories(home);
    FileChannel lockFile = lock(home);
    try {
      Path data = home.resolve("postgres");
      Files.createDirectories(data);
      stopOrphan(data);
      EmbeddedPostgres postgres =
          EmbeddedPostgres.builder()
              .setOverrideWorkingDirectory(home.resolve("binaries").toFile())
              .setDataDirectory(data)
              .setCleanDataDirectory(false)
              .setServerConfig("listen_addresses", "127.0.0.1")
              .setServerConfig("max_connections", "100")
              .setServerConfig("shared_buffers", "256MB")
              .setServerConfig("max_wal_size", "2GB")
              // made for tests, its own defaults would lose commits in a crash
              .setServerConfig("fsync", "on")
              .setServerConfig("synchronous_commit", "on")
              .setServerConfig("full_page_writes", "on")
              .setPGStartupWait(START_WAIT)
              .setRegisterShutdownHook(false) // the server stops first, and then its database
              .start();
      return new EmbeddedDatabase(lockFile, postgres);
    } catch (IllegalStateException missing) {
      lockFile.close();
      throw new IOException(
          "there is no PostgreSQL for %s on %s in this program (%s); name one with --database-url"
              .formatted(
                  System.getProperty("os.name"),
                  System.getProperty("os.arch"),
                  missing.getMessage()),
          missing);
    } catch (IOException | RuntimeException fault) {
      lockFile.close();
      throw fault;
    }
  }

  /** Another process has the directory. */
  public static final class DirectoryInUseException extends IOException {
    private static final long serialVersionUID = 1;

    DirectoryInUseException(Path directory) {
      super("another chat-server uses the data directory " + directory);
    }
  }

  private static FileChannel lock(Path home) throws IOException {
    FileChannel channel =
        FileChannel.open(
            home.resolve("server.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      @Nullable FileLock lock = channel.tryLock();
      if (lock != null) {
        return channel;
      }
    } catch (OverlappingFileLockException inThisProcess) {
      log.debug("locked by this very process", inThisProcess);
    }
    channel.close();
    throw new DirectoryInUseException(home);
  }

  /** The lock is ours, so whatever PostgreSQL runs on the data has lost its server. */
  private static void stopOrphan(Path data) throws IOException {
    Path pidFile = data.resolve("postmaster.pid");
    if (!Files.exists(pidFile)) {
      return;
    }
    List<String> lines = Files.readAllLines(pidFile);
    long pid = lines.isEmpty() ? 0 : Long.parseLong(lines.get(0).trim());
    Optional<ProcessHandle> orphan =
        ProcessHandle.of(pid)
            .filter(ProcessHandle::isAlive)
            .filter(process -> process.info().command().orElse("").contains("postgres"));
    if (orphan.isPresent()) {
      log.info("stopping the PostgreSQL that a killed server left behind (process {})", pid);
      orphan.get().destroy();
      awaitExit(orphan.get());
    }
  }

  private static void awaitExit(ProcessHandle process) throws IOException {
    try {
      process.onExit().get(STOP_WAIT.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException stubborn) {
      process.destroyForcibly();
    } catch (ExecutionException fault) {
      throw new IOException("process " + process.pid() + " could not be stopped", fault);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", interrupted);
    }
  }

  public DatabaseAddress address() {
    return new DatabaseAddress(postgres.getJdbcUrl("postgres", "postgres"), "postgres", "");
  }

  /** Stops PostgreSQL and gives the directory free. Idempotent. */
  @Override
  public void close() throws IOException {
    try {
      postgres.close();
    } finally {
      lockFile.close();
    }
  }
}
