package chat.engine.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL server that belongs to one test. It keeps its port and its data directory when it is
 * stopped or killed, so that a client finds it again, with what was committed, after {@link
 * #start()}.
 *
 * <p>It does not force writes to the disk (fsync is off): a kill of the processes loses nothing
 * that way, only a loss of power would. Thread-safe; every method blocks until the server is in the
 * state that it names.
 */
public final class PrivatePostgres implements AutoCloseable {
  private static final Duration START_WAIT = Duration.ofSeconds(180);

  private final ServerDirectory directory = ServerDirectory.create("chat-test-postgres-");
  private final int port = LocalPorts.free();
  private final Map<String, String> settings;
  private @Nullable EmbeddedPostgres server;
  private boolean closed;

  private PrivatePostgres(Map<String, String> settings) {
    this.settings = Map.copyOf(settings);
  }

  static PrivatePostgres start(Map<String, String> settings) {
    PrivatePostgres postgres = new PrivatePostgres(settings);
    Runtime.getRuntime()
        .addShutdownHook(new Thread(postgres::close, "chat-test-postgres-" + postgres.port));
    postgres.start();
    return postgres;
  }

  public int port() {
    return port;
  }

  /** Creates a new, empty database on this server. */
  public TestDatabase freshDatabase() {
    return TestDatabase.createOn(serverUrl());
  }

  /** Creates a new database on this server in which a store finds its tables. */
  public TestDatabase chatDatabase() {
    return TestDatabase.copyOf(PostgresTemplate.DATABASE, serverUrl());
  }

  /** Starts the server after a stop or a kill, on its old port and data. */
  public synchronized void start() {
    if (closed || server != null) {
      throw new IllegalStateException(closed ? "already closed" : "already running");
    }
    EmbeddedPostgres.Builder builder = builder(dataDirectory(), port);
    settings.forEach(builder::setServerConfig);
    try {
      if (!Files.exists(dataDirectory())) {
        PostgresTemplate.copyTo(dataDirectory());
      }
      server = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Shuts the server down in order: open transactions are rolled back, clients are told. */
  public synchronized void stop() {
    ServerProcess process = process();
    release();
    process.awaitExit();
  }

  /** Kills every process of the server at once, as a crash of its machine would. */
  public synchronized void kill() {
    process().kill();
    try {
      // the dead process may be listed for ever where nobody reaps it, and would bar the restart
      Files.deleteIfExists(processIdFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    release(); // logs that there was nothing left to stop
  }

  /** Stops the server in order and starts it on the same port. */
  public synchronized void restart() {
    stop();
    start();
  }

  public synchronized boolean isRunning() {
    return server != null;
  }

  /** Ends the server for good and deletes its data. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (server != null) {
      kill();
    }
    directory.delete();
  }

  String serverUrl() {
    return url(port);
  }

  static String url(int port) {
    return "jdbc:postgresql://" + LocalPorts.LOOPBACK + ":" + port + "/postgres?user=postgres";
  }

  /** A server on a data directory, which is made if it does not exist. */
  static EmbeddedPostgres.Builder builder(Path data, int port) {
    return EmbeddedPostgres.builder()
        .setPort(port)
        .setDataDirectory(data)
        .setCleanDataDirectory(false)
        .setRegisterShutdownHook(false)
        .setPGStartupWait(START_WAIT)
        .setServerConfig("listen_addresses", LocalPorts.LOOPBACK)
        .setServerConfig("unix_socket_directories", "")
        // a server that is killed leaves nothing outside its directory
        .setServerConfig("dynamic_shared_memory_type", "mmap")
        // the library's default is off, with which a kill loses what was just committed
        .setServerConfig("synchronous_commit", "on");
  }

  private void release() {
    EmbeddedPostgres running = server;
    server = null;
    if (running == null) {
      return;
    }
    try {
      running.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The postmaster is nobody's child: its id is known from the file that it writes. */
  private ServerProcess process() {
    if (server == null) {
      throw new IllegalStateException("not running");
    }
    try {
      long id = Long.parseLong(Files.readAllLines(processIdFile()).get(0).trim());
      return new ServerProcess(
          ProcessHandle.of(id)
              .orElseThrow(() -> new IllegalStateException("the server died by itself")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path dataDirectory() {
    return directory.resolve("data");
  }

  private Path processIdFile() {
    return dataDirectory().resolve("postmaster.pid");
  }
}
