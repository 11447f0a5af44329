package chat.engine.examples.cluster;

import chat.engine.examples.local.Folders;
import chat.engine.examples.local.LocalServers;
import chat.engine.examples.local.PostgresProcess;
import chat.engine.examples.local.RedisProcess;
import chat.engine.examples.local.TcpProxy;
import chat.engine.examples.server.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Some nodes of chat-server, a PostgreSQL and a Redis, with a link that can be cut between each
 * node and these two, and a {@link Balancer} in front. All of it ends with {@link #close}.
 * Thread-safe.
 */
public final class Cluster implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMillis(1_500);
  private static final int SHOWN_LINES = 30;

  /** Small nodes that start fast: several of them share this machine with everything else. */
  private static final List<String> JAVA_OPTIONS =
      List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  private final Path folder;
  private final PostgresProcess postgres;
  private final RedisProcess redis;
  private final List<TcpProxy> links = new ArrayList<>();
  private final List<ServerProcess> processes = new ArrayList<>();
  private final Map<String, Part> parts = new LinkedHashMap<>();
  private final Map<Part, Balancer.Node> balanced = new LinkedHashMap<>();
  private final Balancer balancer;
  private boolean closed;

  private Cluster(Path jar, int port, int count) throws IOException {
    folder = Files.createTempDirectory("local-cluster-");
    Path data = folder.resolve("data");
    postgres = PostgresProcess.start(data, LocalServers.freePort());
    redis = RedisProcess.start(LocalServers.freePort());
    List<Balancer.Node> ports = new ArrayList<>();
    List<TcpProxy> toPostgres = new ArrayList<>();
    List<TcpProxy> toRedis = new ArrayList<>();
    List<List<String>> options = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      toPostgres.add(TcpProxy.start("postgres-" + i, postgres::port));
      toRedis.add(TcpProxy.start("redis-" + i, redis::port));
    }
    links.addAll(toPostgres);
    links.addAll(toRedis);
    // The nodes name the balancer to the page, and the balancer has to know the nodes' ports.
    int pagePort = port == 0 ? LocalServers.freePort() : port;
    int socketPort = LocalServers.freePort();
    for (int i = 0; i < count; i++) {
      options.add(options(toPostgres.get(i), toRedis.get(i), pagePort, socketPort));
    }
    for (int i = 0; i < count; i++) {
      Path log = folder.resolve("node-" + (i + 1) + ".log");
      ServerProcess process = ServerProcess.start(jar, JAVA_OPTIONS, log, options.get(i));
      processes.add(process);
      Balancer.Node node = new Balancer.Node(process.httpPort(), process.socketPort());
      ports.add(node);
      Part part =
          new Part(
              Integer.toString(i + 1),
              "node " + (i + 1),
              new Part.Body(process::kill, process::pause, process::restart, process::isAlive),
              List.of(toPostgres.get(i), toRedis.get(i)));
      parts.put(part.key(), part);
      balanced.put(part, node);
    }
    Part.Body database =
        new Part.Body(postgres::kill, postgres::pause, postgres::start, () -> true);
    Part.Body router = new Part.Body(redis::kill, redis::pause, redis::start, () -> true);
    parts.put("p", new Part("p", "PostgreSQL", database, toPostgres));
    parts.put("r", new Part("r", "Redis", router, toRedis));
    balancer = Balancer.start(pagePort, socketPort, ports, PATIENCE);
  }

  /**
   * Starts everything, and returns without waiting until the nodes are ready.
   *
   * @param port of the page; 0 for any
   */
  public static Cluster start(Path jar, int port, int nodes) throws IOException {
    if (!Files.isReadable(jar)) {
      throw new IllegalArgumentException(
          jar + " is not there; mvn -ntp -Pcluster makes it, and starts all this");
    }
    Cluster cluster = new Cluster(jar, port, nodes);
    Runtime.getRuntime().addShutdownHook(new Thread(cluster::close, "shutdown"));
    return cluster;
  }

  private List<String> options(
      TcpProxy toPostgres, TcpProxy toRedis, int pagePort, int socketPort) {
    return List.of(
        "--database-url",
        "jdbc:postgresql://127.0.0.1:" + toPostgres.port() + "/postgres",
        "--redis-url",
        "redis://127.0.0.1:" + toRedis.port(),
        "--files-dir",
        folder.resolve("files").toString(),
        "--origins",
        "http://127.0.0.1:" + pagePort + ",http://localhost:" + pagePort,
        "--public-ws-url",
        "ws://127.0.0.1:" + socketPort + "/v1/ws");
  }

  public URI page() {
    return URI.create("http://127.0.0.1:" + balancer.pagePort());
  }

  /** Where the logs of the nodes are, while the cluster runs. */
  public Path folder() {
    return folder;
  }

  List<Part> parts() {
    return List.copyOf(parts.values());
  }

  /**
   * @throws Part.NotNowException if there is none of this key
   */
  Part part(String key) {
    Part part = parts.get(key.length() > 1 ? key.substring(0, 1) : key);
    if (part == null) {
      throw new Part.NotNowException("there is no " + key + ", only " + parts.keySet());
    }
    return part;
  }

  /** What can be said of a part now. */
  View.Line line(Part part) {
    Balancer.Node node = balanced.get(part);
    boolean good = part.isWhole();
    String state = part.state().label();
    if (node != null && part.state() == Part.State.RUNNING) {
      good = good && node.health() == Balancer.Health.READY;
      state = node.health().label();
    }
    return new View.Line(
        part.key(),
        part.name(),
        part.isCut() ? state + ", cut off" : state,
        good,
        node == null ? -1 : balancer.socketsOf(node));
  }

  /** Whether each part runs, and each node is ready with all it needs. */
  boolean isWhole() {
    return parts.values().stream().allMatch(part -> line(part).good());
  }

  /** Whether a part ended by itself. */
  boolean hasEnded() {
    return parts.values().stream().anyMatch(part -> part.state() == Part.State.ENDED);
  }

  /**
   * What is not as it should be, for a person: each such part with its state, and the last lines
   * that a node wrote, for its log goes with the cluster.
   */
  String faults() {
    StringBuilder faults = new StringBuilder("not everything is ready:");
    for (Part part : parts.values()) {
      View.Line line = line(part);
      if (!line.good()) {
        faults.append("\n  ").append(line.name()).append(": ").append(line.state());
        lastLines(folder.resolve("node-" + part.key() + ".log"))
            .forEach(logged -> faults.append("\n    ").append(logged));
      }
    }
    return faults.toString();
  }

  private static List<String> lastLines(Path log) {
    try {
      List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of();
      return lines.subList(Math.max(0, lines.size() - SHOWN_LINES), lines.size());
    } catch (IOException unreadable) {
      return List.of(unreadable.toString());
    }
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    balancer.close();
    for (ServerProcess process : processes) {
      process.kill(); // in order would take seconds, and nothing is kept
      process.close();
    }
    links.forEach(TcpProxy::close);
    redis.pause(false);
    redis.close();
    postgres.close();
    Folders.delete(folder);
  }
}
