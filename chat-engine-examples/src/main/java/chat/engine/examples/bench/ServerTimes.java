package chat.engine.examples.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Stream;
import redis.clients.jedis.Jedis;

/**
 * Processor time of this process, of one PostgreSQL and of one Redis, whatever else runs on the
 * machine. Linux only: elsewhere the servers count as 0.
 *
 * @param ownNanos of this process
 * @param postgresNanos of the postmaster and its children, those that have ended included
 * @param redisNanos of the Redis
 */
public record ServerTimes(long ownNanos, long postgresNanos, long redisNanos) {
  private static final long NANOS_PER_TICK = 10_000_000; // USER_HZ is 100 on every Linux

  // Fields of /proc/<pid>/stat behind the name of the process.
  private static final int PARENT = 1;
  private static final int USER = 11;
  private static final int CHILDREN_SYSTEM = 14;

  /** The servers of which the times are. */
  public record Servers(long postmaster, long redis) {
    /** Both on this machine. */
    public static Servers find(String postgresUrl, String redisUrl)
        throws SQLException, IOException {
      return new Servers(postmaster(postgresUrl), redis(redisUrl));
    }

    private static long postmaster(String url) throws SQLException, IOException {
      try (Connection connection = DriverManager.getConnection(url, "postgres", "");
          Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery("SHOW data_directory")) {
        row.next();
        Path file = Path.of(row.getString(1), "postmaster.pid");
        return Files.exists(file) ? Long.parseLong(Files.readAllLines(file).get(0).strip()) : 0;
      }
    }

    private static long redis(String url) {
      try (Jedis jedis = new Jedis(URI.create(url))) {
        return jedis
            .info("server")
            .lines()
            .filter(line -> line.startsWith("process_id:"))
            .mapToLong(line -> Long.parseLong(line.substring("process_id:".length()).strip()))
            .findFirst()
            .orElse(0);
      }
    }
  }

  /** Up to now. */
  public static ServerTimes now(Servers servers) {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return new ServerTimes(
        system.getProcessCpuTime(), family(servers.postmaster()), family(servers.redis()));
  }

  /** What was used since. */
  public ServerTimes since(ServerTimes before) {
    return new ServerTimes(
        ownNanos - before.ownNanos,
        postgresNanos - before.postgresNanos,
        redisNanos - before.redisNanos);
  }

  public long totalNanos() {
    return ownNanos + postgresNanos + redisNanos;
  }

  private static long family(long parent) {
    Path proc = Path.of("/proc");
    if (parent == 0 || !Files.isDirectory(proc)) {
      return 0;
    }
    long ticks = ticks(stat(proc.resolve(Long.toString(parent))), CHILDREN_SYSTEM);
    try (Stream<Path> processes = Files.list(proc)) {
      ticks +=
          processes
              .map(ServerTimes::stat)
              .filter(stat -> stat.length > PARENT && stat[PARENT].equals(Long.toString(parent)))
              .mapToLong(stat -> ticks(stat, CHILDREN_SYSTEM))
              .sum();
    } catch (IOException unreadable) {
      return 0;
    }
    return ticks * NANOS_PER_TICK;
  }

  private static long ticks(String[] stat, int last) {
    long ticks = 0;
    for (int i = USER; i <= last && i < stat.length; i++) {
      ticks += Long.parseLong(stat[i]);
    }
    return ticks;
  }

  /** The fields behind the name; none if there is no such process. */
  private static String[] stat(Path process) {
    try {
      String stat = Files.readString(process.resolve("stat"));
      return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    } catch (IOException | RuntimeException endedOrNoProcess) {
      return new String[0];
    }
  }
}
