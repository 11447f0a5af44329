package chat.engine.testing;

import java.util.Map;

/**
 * Where tests get PostgreSQL. One server a JVM serves them all, each in a database of its own: an
 * embedded PostgreSQL 18 that starts at the first call, or the server that the environment variable
 * {@value #URL_VARIABLE} names. A test that wants to break its server starts a {@link
 * PrivatePostgres}.
 *
 * <p>Thread-safe. The first call blocks for the seconds that a server takes to start.
 */
public final class TestPostgres {
  /**
   * The JDBC URL, with user and password as parameters, of a server on which the tests may create
   * databases.
   */
  public static final String URL_VARIABLE = "CHAT_TEST_POSTGRES_URL";

  private TestPostgres() {}

  /** Creates a new, empty database on the shared server. */
  public static TestDatabase freshDatabase() {
    return TestDatabase.createOn(SharedServer.URL);
  }

  /**
   * Creates a new database on the shared server in which a store finds its tables, as the
   * migrations make them. Much faster than a store that makes them.
   */
  public static TestDatabase chatDatabase() {
    return TestDatabase.copyOf(PostgresTemplate.DATABASE, SharedServer.URL);
  }

  /**
   * Creates a copy of a database on the shared server, with all that is in it.
   *
   * @param original nobody is connected to it
   */
  public static TestDatabase copyOf(TestDatabase original) {
    return TestDatabase.copyOf(original.name(), SharedServer.URL);
  }

  /** Starts a server that belongs to the caller, who may stop, kill and restart it. */
  public static PrivatePostgres startPrivate() {
    return PrivatePostgres.start(Map.of());
  }

  /**
   * Starts a server that belongs to the caller.
   *
   * @param settings what to set in it, by the names of postgresql.conf
   */
  public static PrivatePostgres startPrivate(Map<String, String> settings) {
    return PrivatePostgres.start(settings);
  }

  /** Makes the JVM start the shared server once, and only if a test asks for it. */
  private static final class SharedServer {
    static final String URL;

    static {
      String external = System.getenv(URL_VARIABLE);
      if (external != null && !external.isBlank()) {
        URL = external;
        PostgresTemplate.ensureOn(URL);
      } else {
        URL = PrivatePostgres.start(Map.of("max_connections", "300")).serverUrl();
      }
    }
  }
}
