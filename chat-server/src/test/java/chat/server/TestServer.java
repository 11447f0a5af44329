package chat.server;

import chat.server.config.Settings;
import chat.server.config.SettingsParser;
import chat.server.http.HttpEndpoint;
import com.sun.net.httpserver.HttpServer;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Starts servers in this process: on free ports, with an empty database on a server that the tests
 * share, unless the flags say otherwise; soon drained.
 */
final class TestServer {
  private static final Predicate<String> OWN_DATABASE =
      flag -> flag.startsWith("--data-dir=") || flag.startsWith("--database-url=");

  private static final AtomicInteger DATABASES = new AtomicInteger();

  private TestServer() {}

  static ChatServer start(String... flags) throws IOException {
    return start(Map.of(), flags);
  }

  static ChatServer start(Map<String, String> environment, String... flags) throws IOException {
    Map<String, String> all = new HashMap<>(environment);
    all.put("CHAT_HTTP_PORT", "0");
    all.put("CHAT_WS_PORT", "0");
    all.put("CHAT_DRAIN_SECONDS", "5");
    if (Stream.of(flags).noneMatch(OWN_DATABASE)) {
      all.put("CHAT_DATABASE_URL", freshDatabase());
    }
    return ChatServer.start(settings(all, flags));
  }

  private static Settings settings(Map<String, String> environment, String... flags) {
    try {
      return SettingsParser.parse(flags, environment).settings();
    } catch (SettingsParser.InvalidSettingsException wrong) {
      throw new IllegalArgumentException(wrong);
    }
  }

  /**
   * A server of the JDK, to be started. The JDK reads the limits of its servers once a JVM, so the
   * endpoint is loaded first, which sets them.
   */
  static HttpServer ofTheJdk() throws IOException {
    try {
      Class.forName(HttpEndpoint.class.getName());
    } catch (ClassNotFoundException impossible) {
      throw new IllegalStateException(impossible);
    }
    return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
  }

  /** For a PostgreSQL whose databases the server takes, whatever the locale here. */
  static EmbeddedPostgres.Builder postgres() {
    return EmbeddedPostgres.builder()
        .setLocaleConfig("locale", "C")
        .setLocaleConfig("locale-provider", "builtin")
        .setLocaleConfig("builtin-locale", "C.UTF-8")
        .setPGStartupWait(Duration.ofSeconds(60));
  }

  /** The address of an empty database, for servers that share it. */
  static String freshDatabase() throws IOException {
    String name = "chat_" + DATABASES.incrementAndGet();
    try (Connection connection = Shared.POSTGRES.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
    } catch (SQLException fault) {
      throw new IOException(fault);
    }
    return Shared.POSTGRES.getJdbcUrl("postgres", name);
  }

  /** Starts with the first test that needs it and ends with the JVM. */
  private static final class Shared {
    static final EmbeddedPostgres POSTGRES = start();

    private static EmbeddedPostgres start() {
      try {
        return postgres().setServerConfig("max_connections", "300").start();
      } catch (IOException fault) {
        throw new UncheckedIOException(fault);
      }
    }
  }
}
