package chat.engine.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A PgBouncer in transaction mode in front of one database. It gives each transaction another
 * server connection than the one before, so that whatever is set for a session is noticed.
 * Thread-safe.
 */
public final class TestPgBouncer implements AutoCloseable {
  private static final Path PROGRAM = Path.of("/usr/sbin/pgbouncer");

  private final ServerDirectory directory = ServerDirectory.create("chat-test-pgbouncer-");
  private final int port = LocalPorts.free();
  private final TestDatabase database;
  private final ServerProcess process;

  private TestPgBouncer(TestDatabase database) {
    this.database = database;
    this.process = new ServerProcess(run().toHandle());
    Runtime.getRuntime().addShutdownHook(new Thread(this::close, "chat-test-pgbouncer-" + port));
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(this::accepts);
  }

  public static boolean isInstalled() {
    return Files.isExecutable(PROGRAM);
  }

  public static TestPgBouncer before(TestDatabase database) {
    return new TestPgBouncer(database);
  }

  /**
   * @param parameters of the JDBC URL
   */
  public PGSimpleDataSource dataSource(String parameters) {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setURL(jdbcUrl() + "?" + parameters);
    dataSource.setUser(database.user());
    return dataSource;
  }

  public String jdbcUrl() {
    return "jdbc:postgresql://%s:%d/%s".formatted(LocalPorts.LOOPBACK, port, database.name());
  }

  private Process run() {
    try {
      Path users = directory.resolve("users.txt");
      Files.writeString(users, "\"%s\" \"\"\n".formatted(database.user()));
      Path settings = directory.resolve("pgbouncer.ini");
      Files.writeString(
          settings,
          """
          [databases]
          * = host=%s port=%d
          [pgbouncer]
          listen_addr = %s
          listen_port = %d
          unix_socket_dir =
          auth_type = trust
          auth_file = %s
          pool_mode = transaction
          default_pool_size = 8
          min_pool_size = 4
          server_round_robin = 1
          ignore_startup_parameters = extra_float_digits
          """
              .formatted(LocalPorts.LOOPBACK, database.port(), LocalPorts.LOOPBACK, port, users));
      List<String> command = new ArrayList<>();
      if (System.getProperty("user.name").equals("root")) {
        command.addAll(List.of("unshare", "-U")); // PgBouncer refuses to run as root
      }
      command.addAll(List.of(PROGRAM.toString(), settings.toString()));
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(directory.resolve("log").toFile())
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean accepts() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(LocalPorts.LOOPBACK, port), 1_000);
      return true;
    } catch (IOException notYet) {
      return false;
    }
  }

  @Override
  public void close() {
    process.kill();
    directory.delete();
  }
}
