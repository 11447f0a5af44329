package chat.server.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What runs of PostgreSQL on a home directory, whoever started it. */
final class HomeProcesses {
  private static final Logger log = LoggerFactory.getLogger(HomeProcesses.class);
  private static final Duration STOP_WAIT = Duration.ofSeconds(20);
  private static final Duration POLL = Duration.ofMillis(20);

  private HomeProcesses() {}

  /** The process that the data directory names, if there is one; it may be anybody's by now. */
  static Optional<ProcessHandle> named(Path home) throws IOException {
    Path pidFile = pidFile(home);
    if (!Files.exists(pidFile)) {
      return Optional.empty();
    }
    List<String> lines = Files.readAllLines(pidFile);
    if (lines.isEmpty() || !lines.get(0).strip().matches("\\d{1,18}")) {
      return Optional.empty();
    }
    return ProcessHandle.of(Long.parseLong(lines.get(0).strip())).filter(ProcessHandle::isAlive);
  }

  static Path pidFile(Path home) {
    return PostgresProcess.data(home).resolve("postmaster.pid");
  }

  static boolean isPostgresOn(Path data, ProcessHandle.Info process) {
    return process.command().filter(command -> command.contains("postgres")).isPresent()
        // not every system tells with which arguments a process was started
        && process.commandLine().map(line -> line.contains(data.toString())).orElse(true);
  }

  /**
   * Stops what a killed server left behind: the lock is ours, so nobody needs it any more. A number
   * that is another program's by now, after a restart of the machine or the container, is
   * forgotten: PostgreSQL would take it for a PostgreSQL and not start.
   */
  static void stopOrphan(Path home) throws IOException {
    Optional<ProcessHandle> named = named(home);
    if (named.isEmpty()) {
      return;
    }
    ProcessHandle process = named.get();
    if (isPostgresOn(PostgresProcess.data(home), process.info())) {
      log.info(
          "stopping the PostgreSQL that a killed server left behind (process {})", process.pid());
      stop(named);
    } else if (process.info().command().isPresent()) {
      Files.deleteIfExists(pidFile(home));
    }
  }

  /**
   * Ends what a killed server, or a start that failed, was making data with or starting: it goes on
   * without them, and writes into what is deleted. The lock is ours, so it is nobody else's.
   */
  static void endPrograms(Path home) throws IOException {
    long end = System.nanoTime() + STOP_WAIT.toNanos();
    List<ProcessHandle> running = programs(home);
    while (!running.isEmpty() && System.nanoTime() - end < 0) {
      running.forEach(ProcessHandle::destroyForcibly); // they may have started others meanwhile
      LockSupport.parkNanos(POLL.toNanos());
      running = programs(home);
    }
  }

  /**
   * The programs of PostgreSQL below a home directory, and those on its data, since one process
   * unpacks them once for all directories; with the shell that is about to become PostgreSQL.
   */
  private static List<ProcessHandle> programs(Path home) throws IOException {
    Path programs =
        Files.exists(PostgresProcess.binaries(home))
            ? PostgresProcess.binaries(home).toRealPath()
            : PostgresProcess.binaries(home);
    Predicate<String> onData =
        Pattern.compile(
                "-D \"?" + Pattern.quote(PostgresProcess.data(home).toString()) + "(\"|\\s|$)")
            .asPredicate();
    return ProcessHandle.allProcesses()
        .filter(
            process ->
                isBelow(programs, process.info())
                    || process.info().commandLine().filter(onData).isPresent())
        .toList();
  }

  private static boolean isBelow(Path programs, ProcessHandle.Info process) {
    try {
      return process.command().filter(one -> Path.of(one).startsWith(programs)).isPresent();
    } catch (InvalidPathException noPath) {
      return false;
    }
  }

  static void stop(Optional<ProcessHandle> found) throws IOException {
    if (found.isEmpty()) {
      return;
    }
    ProcessHandle process = found.get();
    process.destroy();
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
}
