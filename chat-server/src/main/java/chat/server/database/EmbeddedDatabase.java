package chat.server.database;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real PostgreSQL 18 that belongs to this process and keeps its data in a directory, with every
 * commit on disk. The directory has one owner at a time. A PostgreSQL that a killed server left
 * behind in it is stopped first; one that dies under its server is started again at the same
 * address, where whoever was connected finds it.
 */
public final class EmbeddedDatabase implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EmbeddedDatabase.class);
  private static final long WATCH_MILLIS = 500;
  private static final long CLOSE_WAIT_SECONDS = 30;

  private final FileChannel lockFile;
  private final Path home;
  private final int port;
  private final DatabaseAddress address;
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "chat-embedded-database");
            thread.setDaemon(true);
            return thread;
          });

  /** Null while it is down; only the watch changes it after the start. */
  private volatile @Nullable PostgresProcess process;

  private EmbeddedDatabase(FileChannel lockFile, Path home, PostgresProcess process) {
    this.lockFile = lockFile;
    this.home = home;
    this.process = process;
    this.port = process.port();
    this.address = process.address();
    watch.scheduleWithFixedDelay(
        this::restartIfDead, WATCH_MILLIS, WATCH_MILLIS, TimeUnit.MILLISECONDS);
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
      HomeProcesses.stopOrphan(home);
      return new EmbeddedDatabase(lockFile, home, PostgresProcess.start(home));
    } catch (IOException | RuntimeException fault) {
      lockFile.close();
      throw fault;
    }
  }

  /**
   * The address of the one that runs on a directory, whoever started it; empty if none does.
   *
   * @throws IOException if the directory cannot be read
   */
  public static Optional<DatabaseAddress> running(Path directory) throws IOException {
    return PostgresProcess.running(directory.toAbsolutePath().normalize());
  }

  /**
   * Stops the one that this process has begun to start, when the process ends before the start
   * does.
   *
   * @throws IOException if it cannot be stopped
   */
  public static void stopRunning(Path directory) throws IOException {
    HomeProcesses.stopOrphan(directory.toAbsolutePath().normalize());
  }

  /** Whether a directory has the data of one. */
  public static boolean isMade(Path directory) {
    return PostgresProcess.isMade(directory);
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

  private void restartIfDead() {
    PostgresProcess running = process;
    if (running != null && running.isAlive()) {
      PostgresProcess.boundLog(home);
      return;
    }
    try {
      if (running != null) {
        log.error("the embedded PostgreSQL ended by itself; it is started again");
        process = null;
        running.stop();
      }
      HomeProcesses.stopOrphan(home);
      process = PostgresProcess.startAgain(home, port);
      log.warn("the embedded PostgreSQL runs again");
    } catch (IOException | RuntimeException fault) {
      log.error("the embedded PostgreSQL does not start; the next try follows", fault);
    }
  }

  public DatabaseAddress address() {
    return address;
  }

  /**
   * Stops PostgreSQL and gives the directory free. Idempotent; waits at most a minute, also for one
   * that closes it at the same time.
   */
  @Override
  public synchronized void close() throws IOException {
    watch.shutdownNow();
    try {
      if (!watch.awaitTermination(CLOSE_WAIT_SECONDS, TimeUnit.SECONDS)) {
        log.warn("a restart of the embedded PostgreSQL is still under way");
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    PostgresProcess running = process;
    process = null;
    try {
      if (running != null) {
        running.stop();
      }
    } finally {
      lockFile.close();
    }
  }
}
