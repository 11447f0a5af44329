package chat.engine.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A Redis Cluster of three masters without replicas. Sharded pub/sub needs Redis 7, which no
 * embedded binary offers, so this uses the {@code redis-server} of the PATH; ask {@link
 * #available()} first.
 *
 * <p>A node that is killed and started again keeps its place in the cluster. As long as it is away
 * the whole cluster refuses commands on keys, as Redis does by default. Thread-safe.
 */
public final class TestRedisCluster implements AutoCloseable {
  private static final int MASTERS = 3;
  private static final int SLOTS = 16_384;
  private static final int NEEDED_VERSION = 7;
  private static final Duration JOIN_WAIT = Duration.ofSeconds(60);
  private static final Pattern VERSION = Pattern.compile("\\bv=(\\d+)\\.");

  private final List<PrivateRedis> nodes;

  private TestRedisCluster(List<PrivateRedis> nodes) {
    this.nodes = List.copyOf(nodes);
  }

  /** Whether the PATH has a {@code redis-server} of version 7 or newer. */
  public static boolean available() {
    return Installation.BINARY.isPresent();
  }

  /** The cluster of all tests of this JVM that leave its nodes alone; it ends with the JVM. */
  public static TestRedisCluster shared() {
    return Shared.CLUSTER;
  }

  /**
   * Starts a cluster and waits until each node knows all others and serves its slots.
   *
   * @throws IllegalStateException when there is no {@code redis-server} to start it with
   */
  public static TestRedisCluster start() {
    Path binary =
        Installation.BINARY.orElseThrow(
            () -> new IllegalStateException("no redis-server >= 7 on the PATH"));
    List<Master> masters = new ArrayList<>();
    for (int started = 0; started < MASTERS; started++) {
      int busPort = LocalPorts.free();
      masters.add(new Master(PrivateRedis.start(binary, clusterOptions(busPort)), busPort));
    }
    join(masters);
    TestRedisCluster cluster = new TestRedisCluster(masters.stream().map(Master::server).toList());
    cluster.awaitHealthy();
    return cluster;
  }

  /** The masters, each of which a test may kill, start, pause and flush. */
  public List<PrivateRedis> nodes() {
    return nodes;
  }

  /** The addresses of all masters. */
  public List<URI> uris() {
    return nodes.stream().map(PrivateRedis::uri).toList();
  }

  /** Waits until each node sees the whole cluster in order, for example after a restart. */
  public void awaitHealthy() {
    Awaitility.await("a healthy cluster")
        .atMost(JOIN_WAIT)
        .pollInSameThread()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> nodes.stream().allMatch(TestRedisCluster::isHealthy));
  }

  @Override
  public void close() {
    nodes.forEach(PrivateRedis::close);
  }

  private static List<String> clusterOptions(int busPort) {
    return List.of(
        "--cluster-enabled",
        "yes",
        "--cluster-config-file",
        "nodes.conf",
        "--cluster-node-timeout",
        "1000",
        "--cluster-port",
        Integer.toString(busPort),
        "--cluster-announce-ip",
        LocalPorts.LOOPBACK);
  }

  private static void join(List<Master> masters) {
    for (int index = 0; index < MASTERS; index++) {
      int from = SLOTS * index / MASTERS;
      int to = SLOTS * (index + 1) / MASTERS - 1;
      PrivateRedis server = masters.get(index).server();
      server.ask("CLUSTER", "ADDSLOTSRANGE", Integer.toString(from), Integer.toString(to));
      // without epochs of their own, masters that meet must first settle who is who
      server.ask("CLUSTER", "SET-CONFIG-EPOCH", Integer.toString(index + 1));
    }
    Master first = masters.get(0);
    masters.stream().skip(1).forEach(other -> other.meet(first));
  }

  private static boolean isHealthy(PrivateRedis node) {
    try {
      String state = RedisConsole.ask(node.port(), "CLUSTER", "INFO");
      return state.contains("cluster_state:ok")
          && state.contains("cluster_slots_ok:" + SLOTS)
          && state.contains("cluster_known_nodes:" + MASTERS);
    } catch (IOException notYet) {
      return false;
    }
  }

  /** A node on its way into the cluster; the bus port is where the nodes talk to each other. */
  private record Master(PrivateRedis server, int busPort) {
    void meet(Master other) {
      String port = Integer.toString(other.server().port());
      String bus = Integer.toString(other.busPort());
      server.ask("CLUSTER", "MEET", LocalPorts.LOOPBACK, port, bus);
    }
  }

  /** Makes the JVM start the shared cluster once, and only if a test asks for it. */
  private static final class Shared {
    static final TestRedisCluster CLUSTER = start();
  }

  /** Looks once a JVM for a server program that is new enough. */
  private static final class Installation {
    static final Optional<Path> BINARY = find();

    private static Optional<Path> find() {
      String path = System.getenv("PATH");
      return Stream.of((path == null ? "" : path).split(File.pathSeparator))
          .map(directory -> Path.of(directory, "redis-server"))
          .filter(Files::isExecutable)
          .findFirst()
          .filter(binary -> majorVersion(binary) >= NEEDED_VERSION);
    }

    private static int majorVersion(Path binary) {
      try {
        Process process =
            new ProcessBuilder(binary.toString(), "--version").redirectErrorStream(true).start();
        String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Matcher version = VERSION.matcher(answer);
        return version.find() ? Integer.parseInt(version.group(1)) : 0;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
