package chat.engine.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A Citus cluster of its own: a coordinator and two workers, from a PostgreSQL of the machine into
 * which Citus was installed. Thread-safe.
 */
public final class TestCitus implements AutoCloseable {
  private static final Path INSTALLATIONS = Path.of("/usr/lib/postgresql");
  private static final int NODES = 3;

  private final Path programs;
  private final ServerDirectory directory = ServerDirectory.create("chat-test-citus-");
  private final List<Integer> ports;

  private TestCitus(Path programs) {
    this.programs = programs;
    this.ports = IntStream.range(0, NODES).mapToObj(node -> LocalPorts.free()).distinct().toList();
    if (ports.size() < NODES) {
      throw new IllegalStateException("a port was found twice");
    }
  }

  /** Whether a cluster can be started here. */
  public static boolean isInstalled() {
    return programs().isPresent();
  }

  /** Where the programs of a PostgreSQL with Citus are. */
  private static Optional<Path> programs() {
    if (!Files.isDirectory(INSTALLATIONS)) {
      return Optional.empty();
    }
    try (Stream<Path> versions = Files.list(INSTALLATIONS)) {
      return versions
          .filter(version -> Files.exists(version.resolve("lib/citus.so")))
          .map(version -> version.resolve("bin"))
          .findFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts a cluster, with an empty database; blocks until it works. */
  public static TestCitus start() {
    TestCitus cluster = new TestCitus(programs().orElseThrow());
    Runtime.getRuntime().addShutdownHook(new Thread(cluster::close, "chat-test-citus"));
    cluster.ports.forEach(cluster::startNode);
    return cluster;
  }

  /**
   * A new database on the coordinator, which distributes over the workers; it is on all nodes, and
   * ends with the cluster.
   */
  public TestDatabase freshDatabase() {
    TestDatabase database = TestDatabase.createOn(url(ports.get(0)));
    for (int port : ports.subList(1, NODES)) {
      TestDatabase.execute(url(port), "CREATE DATABASE " + database.name());
      TestDatabase.execute(url(port, database.name()), "CREATE EXTENSION citus");
    }
    String here = url(ports.get(0), database.name());
    TestDatabase.execute(here, "CREATE EXTENSION citus");
    TestDatabase.execute(
        here,
        "SELECT citus_set_coordinator_host('%s', %d)".formatted(LocalPorts.LOOPBACK, ports.get(0)));
    for (int port : ports.subList(1, NODES)) {
      TestDatabase.execute(
          here, "SELECT citus_add_node('%s', %d)".formatted(LocalPorts.LOOPBACK, port));
    }
    return database;
  }

  private static String url(int port) {
    return url(port, "postgres");
  }

  private static String url(int port, String database) {
    return "jdbc:postgresql://%s:%d/%s?user=postgres"
        .formatted(LocalPorts.LOOPBACK, port, database);
  }

  private void startNode(int port) {
    Path data = directory.resolve("node-" + port);
    run(
        "initdb",
        "-D",
        data.toString(),
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-sync");
    try {
      Files.writeString(
          data.resolve("postgresql.auto.conf"),
          """
          shared_preload_libraries = 'citus'
          port = %d
          listen_addresses = '%s'
          unix_socket_directories = ''
          fsync = off
          max_connections = 500
          max_prepared_transactions = 200
          shared_buffers = 32MB
          citus.shard_count = 4
          citus.node_conninfo = 'sslmode=disable'
          """
              .formatted(port, LocalPorts.LOOPBACK));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    run("pg_ctl", "-D", data.toString(), "-l", data + ".log", "-w", "-t", "60", "start");
  }

  @Override
  public synchronized void close() {
    for (int port : ports) {
      Path data = directory.resolve("node-" + port);
      if (Files.exists(data.resolve("postmaster.pid"))) {
        run("pg_ctl", "-D", data.toString(), "-m", "immediate", "-w", "stop");
      }
    }
    directory.delete();
  }

  private void run(String program, String... arguments) {
    List<String> command = new ArrayList<>();
    if (System.getProperty("user.name").equals("root")) {
      command.addAll(List.of("unshare", "-U")); // PostgreSQL refuses to run as root
    }
    command.add(programs.resolve(program).toString());
    command.addAll(List.of(arguments));
    try {
      Path output = directory.resolve("output");
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (process.waitFor() != 0) {
        throw new IllegalStateException(command + " failed: " + Files.readString(output));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
