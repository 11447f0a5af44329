package chat.server.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The processes of PostgreSQL on a home directory, whoever started them. */
final class HomeProcesses {
  private static final Logger log = LoggerFactory.getLogger(HomeProcesses.class);
  private static final Duration STOP_WAIT = Duration.ofSeconds(20);
  private static final Duration POLL = Duration.ofMillis(20);

  /** Above the number of any process. */
  private static final String NOBODY = Integer.toString(Integer.MAX_VALUE);

  private HomeProcesses() {}

  /** The PostgreSQL that runs on the data; it may not be ready yet. */
  static Optional<ProcessHandle> postmaster(Path home) throws IOException {
    return named(home).filter(process -> isPostgresOn(PostgresProcess.data(home), process.info()));
  }

  /** Whether PostgreSQL runs on the data, as far as that can be read. */
  static boolean hasPostmaster(Path home) {
    try {
      return postmaster(home).isPresent();
    } catch (IOException unreadable) {
      return true;
    }
  }

  /** The process whose number PostgreSQL left in the data; it may be anybody's by now. */
  static Optional<ProcessHandle> named(Path home) throws IOException {
    Path pidFile = pidFile(home);
    if (!Files.exists(pidFile)) {
      return Optional.empty();
    }
    List<String> lines = Files.readAllLines(pidFile);
    if (lines.isEmpty() || !lines.get(0).strip().matches("\\d{1,18}")) {
      return Optional.empty();
    }
    return ProcessHandle.of(Long.parseLong(lines.get(0).strip()));
  }

  static Path pidFile(Path home) {
    return PostgresProcess.data(home).resolve("postmaster.pid");
  }

  private static boolean isPostgresOn(Path data, ProcessHandle.Info process) {
    return process.command().filter(command -> command.contains("postgres")).isPresent()
        // not every system tells with which arguments a process was started
        && process.commandLine().map(line -> line.contains(data.toString())).orElse(true);
  }

  /** False also for one that has ended and is still listed, since nobody has collected it. */
  static boolean runs(ProcessHandle process) {
    return process.isAlive() && !isZombie(process.pid());
  }

  private static boolean isZombie(long pid) {
    try {
      String state = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      return state.startsWith("Z", state.lastIndexOf(')') + 2);
    } catch (IOException noSuchSystem) {
      return false; // the others collect what nobody waits for
    }
  }

  /**
   * Stops what a killed server left behind, and sees to it that the file with its number does not
   * keep PostgreSQL from starting. We hold the lock on the directory, so nobody else needs either.
   */
  static void stopOrphan(Path home) throws IOException {
    if (Files.exists(pidFile(home)) && Files.size(pidFile(home)) == 0) {
      endPrograms(home); // one of them may be about to write its number
      Files.deleteIfExists(pidFile(home));
    }
    Optional<ProcessHandle> postmaster = postmaster(home);
    if (postmaster.isPresent()) {
      log.info(
          "stopping the PostgreSQL that a killed server left behind (process {})",
          postmaster.get().pid());
      stop(postmaster.get());
    }
    Optional<ProcessHandle> named = named(home);
    if (named.isPresent() && (!runs(named.get()) || isAnotherProgram(home, named.get().info()))) {
      forgetNumber(home);
    }
  }

  /** False also where the system does not tell what a process runs, as of another user's. */
  private static boolean isAnotherProgram(Path home, ProcessHandle.Info process) {
    return process.command().isPresent() && !isPostgresOn(PostgresProcess.data(home), process);
  }

  /**
   * PostgreSQL does not start while the system lists a process with the number in the file. That
   * can be another program, after a restart of the machine or the container, or the dead
   * PostgreSQL, in a container whose first process does not collect the dead. The rest of the file
   * stays: it tells PostgreSQL whether children of the dead one still use the data.
   */
  private static void forgetNumber(Path home) throws IOException {
    List<String> lines = new ArrayList<>(Files.readAllLines(pidFile(home)));
    lines.set(0, NOBODY);
    Path changed = Files.write(pidFile(home).resolveSibling("postmaster.pid.new"), lines);
    Files.move(changed, pidFile(home), StandardCopyOption.ATOMIC_MOVE);
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

  /**
   * Tells PostgreSQL to end, and kills it if it has not after 20 s.
   *
   * @throws IOException if the thread is interrupted
   */
  static void stop(ProcessHandle postmaster) throws IOException {
    postmaster.destroy();
    if (!awaitEnd(postmaster, STOP_WAIT)) {
      postmaster.destroyForcibly();
      awaitEnd(postmaster, STOP_WAIT);
    }
  }

  /**
   * Whether it ends within that time.
   *
   * @throws IOException if the thread is interrupted
   */
  static boolean awaitEnd(ProcessHandle process, Duration wait) throws IOException {
    long end = System.nanoTime() + wait.toNanos();
    while (runs(process)) {
      if (System.nanoTime() - end >= 0) {
        return false;
      }
      LockSupport.parkNanos(POLL.toNanos());
      if (Thread.currentThread().isInterrupted()) {
        throw new IOException("interrupted");
      }
    }
    return true;
  }
}
