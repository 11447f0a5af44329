package chat.engine.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A running server process with all its children, known by their handles so that nothing else can
 * be hit.
 */
final class ServerProcess {
  private static final Duration DEATH_WAIT = Duration.ofSeconds(20);

  // Places in /proc/PID/stat behind the name.
  private static final int STATE = 0;
  private static final int THREADS = 17;

  private final ProcessHandle root;

  ServerProcess(ProcessHandle root) {
    this.root = root;
  }

  boolean isAlive() {
    return !isGone(root);
  }

  /**
   * Ends the process and its children as a power failure would, with no chance to tidy up. The root
   * goes first: otherwise it would see a child die and start to repair.
   */
  void kill() {
    List<ProcessHandle> family = family();
    family.forEach(ProcessHandle::destroyForcibly);
    awaitGone(family);
  }

  /** Waits until the process and the children it has now are gone. */
  void awaitExit() {
    awaitGone(family());
  }

  /** Freezes the process: its sockets stay open and accept, but nothing answers. POSIX only. */
  void pause() {
    signal("STOP");
  }

  /** Lets a frozen process run on; no effect on a running one. */
  void resume() {
    signal("CONT");
  }

  private List<ProcessHandle> family() {
    return Stream.concat(Stream.of(root), root.descendants()).toList();
  }

  private void signal(String name) {
    try {
      // through the shell, because its kill is built in: small container images have no other
      Process kill =
          new ProcessBuilder("sh", "-c", "kill -" + name + " " + root.pid()).inheritIO().start();
      int exit = kill.waitFor();
      if (exit != 0) {
        throw new IllegalStateException("kill -" + name + " " + root.pid() + " exited " + exit);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while sending " + name, e);
    }
  }

  private static void awaitGone(List<ProcessHandle> processes) {
    Awaitility.await("end of the server's processes")
        .atMost(DEATH_WAIT)
        .pollInSameThread()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> processes.stream().allMatch(ServerProcess::isGone));
  }

  private static boolean isGone(ProcessHandle process) {
    return !process.isAlive() || isZombie(process.pid());
  }

  /**
   * In a container whose first process adopts orphans but never reaps them, the dead stay listed.
   * The main thread is listed as dead before the others have ended; until they have, ports are
   * taken.
   */
  private static boolean isZombie(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      return fields[STATE].equals("Z") && Integer.parseInt(fields[THREADS]) <= 1;
    } catch (IOException noSuchProcessOrNoProc) {
      return false;
    }
  }
}
