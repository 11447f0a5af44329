package chat.engine.examples.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Processor time of this process, and of all processes whose name begins with {@code postgres}, as
 * Linux counts it in {@code /proc}; elsewhere the latter is 0.
 *
 * @param ownNanos of this process
 * @param postgresNanos of PostgreSQL
 */
public record ProcessTimes(long ownNanos, long postgresNanos) {
  private static final long NANOS_PER_TICK = 10_000_000; // USER_HZ is 100 on every Linux

  /** Up to now. */
  public static ProcessTimes now() {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return new ProcessTimes(system.getProcessCpuTime(), postgres());
  }

  /** What was used since. */
  public ProcessTimes since(ProcessTimes before) {
    return new ProcessTimes(ownNanos - before.ownNanos, postgresNanos - before.postgresNanos);
  }

  private static long postgres() {
    Path proc = Path.of("/proc");
    if (!Files.isDirectory(proc)) {
      return 0;
    }
    try (Stream<Path> processes = Files.list(proc)) {
      return processes.mapToLong(ProcessTimes::ofPostgres).sum();
    } catch (IOException unreadable) {
      return 0;
    }
  }

  private static long ofPostgres(Path process) {
    try {
      String stat = Files.readString(process.resolve("stat"));
      int end = stat.lastIndexOf(')');
      if (!stat.substring(stat.indexOf('(') + 1, end).startsWith("postgres")) {
        return 0;
      }
      String[] fields = stat.substring(end + 2).split(" ", -1);
      return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * NANOS_PER_TICK;
    } catch (IOException | RuntimeException endedOrNoProcess) {
      return 0;
    }
  }
}
