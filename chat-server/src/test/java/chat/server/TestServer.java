package chat.server;

import chat.engine.postgres.PostgresMessageStore;
import chat.server.accounts.Passwords;
import chat.server.config.Settings;
import chat.server.config.SettingsParser;
import chat.server.database.DatabaseAddress;
import chat.server.database.ServerDatabase;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Starts servers in this process: on free ports, with a database of its own on a server that the
 * tests share, unless the flags say otherwise; soon drained.
 */
public final class TestServer {
  /** The servers here hash passwords at a price that only tests may pay. */
  static final Passwords.Cost CHEAP = new Passwords.Cost(64, 1);

  private static final Predicate<String> OWN_DATABASE =
      flag -> flag.startsWith("--data-dir=") || flag.startsWith("--database-url=");

  private static final AtomicInteger DATABASES = new AtomicInteger();
  private static final Path MEMORY = Path.of("/dev/shm");

  /** Far more than all tests need at once: a container often has 64 MB there. */
  private static final long ROOM_BYTES = 4L << 30;

  private TestServer() {}

  public static ChatServer start(String... flags) throws IOException {
    return start(Map.of(), flags);
  }

  /** A node whose clock is wrong. */
  static ChatServer start(InstantSource nodeClock, String... flags) throws IOException {
    return start(nodeClock, Map.of(), flags);
  }

  static ChatServer start(Map<String, String> environment, String... flags) throws IOException {
    return start(InstantSource.system(), environment, flags);
  }

  private static ChatServer start(
      InstantSource nodeClock, Map<String, String> environment, String... flags)
      throws IOException {
    Map<String, String> all = new HashMap<>(environment);
    all.put("CHAT_HTTP_PORT", "0");
    all.put("CHAT_WS_PORT", "0");
    all.put("CHAT_DRAIN_SECONDS", "5");
    // the tests have one address, and are faster than people
    all.put("CHAT_REGISTRATIONS_PER_ADDRESS", "0");
    all.put("CHAT_CALLS_PER_SECOND_PER_ADDRESS", "0");
    all.put("CHAT_CALLS_PER_SECOND_PER_USER", "0");
    all.put("CHAT_FILES_DIR", Files.createTempDirectory("chat-files").toString());
    if (Stream.of(flags).noneMatch(OWN_DATABASE)) {
      all.put("CHAT_DATABASE_URL", freshDatabase());
    }
    return ChatServer.start(settings(all, flags), CHEAP, nodeClock);
  }

  private static Settings settings(Map<String, String> environment, String... flags) {
    try {
      return SettingsParser.parse(flags, environment).settings();
    } catch (SettingsParser.InvalidSettingsException wrong) {
      throw new IllegalArgumentException(wrong);
    }
  }

  /** A server of the JDK, to be started. */
  static HttpServer ofTheJdk() throws IOException {
    return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
  }

  /** For a PostgreSQL whose databases the server takes, whatever the locale here. */
  static EmbeddedPostgres.Builder postgres() {
    return EmbeddedPostgres.builder()
        .setLocaleConfig("locale", "C")
        .setLocaleConfig("locale-provider", "builtin")
        .setLocaleConfig("builtin-locale", "C.UTF-8")
        .setServerConfig("unix_socket_directories", "") // their locks outlive one that is killed
        .setPGStartupWait(Duration.ofSeconds(180));
  }

  /** The address of a database without data, which has its tables, for servers that share it. */
  public static String freshDatabase() throws IOException {
    return create(
        Shared.POSTGRES,
        "chat_" + DATABASES.incrementAndGet(),
        " TEMPLATE " + Shared.TEMPLATE + " STRATEGY FILE_COPY");
  }

  /** A database without data, open. */
  public static ServerDatabase openDatabase() throws IOException {
    return ServerDatabase.open(address(freshDatabase()), 4, new SimpleMeterRegistry(), false);
  }

  private static DatabaseAddress address(String url) {
    return new DatabaseAddress(url, "postgres", "");
  }

  private static String create(EmbeddedPostgres server, String name, String options)
      throws IOException {
    try (Connection connection = server.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name + options);
    } catch (SQLException fault) {
      throw new IOException(fault);
    }
    return server.getJdbcUrl("postgres", name);
  }

  /** Starts with the first test that needs it and ends with the JVM. */
  private static final class Shared {
    /** The database that the others are copied from, so that tables are made once a JVM. */
    static final String TEMPLATE = "chat_template";

    static final EmbeddedPostgres POSTGRES = start();

    private static EmbeddedPostgres start() {
      try {
        EmbeddedPostgres.Builder builder = postgres().setServerConfig("max_connections", "300");
        if (Files.isWritable(MEMORY) && MEMORY.toFile().getUsableSpace() > ROOM_BYTES) {
          // Each test has databases of its own, with hundreds of files each.
          builder.setDataDirectory(Files.createTempDirectory(MEMORY, "chat-server-test-"));
        }
        EmbeddedPostgres server = builder.start();
        DatabaseAddress template = address(create(server, TEMPLATE, ""));
        try (ServerDatabase database =
            ServerDatabase.open(template, 4, new SimpleMeterRegistry(), false)) {
          PostgresMessageStore.open(database.dataSource()).close();
        }
        return server;
      } catch (IOException fault) {
        throw new UncheckedIOException(fault);
      }
    }
  }
}
