package chat.engine.testing;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * One database that only the test that asked for it knows. Closing drops it, whoever is still
 * connected; a test need not close it on an embedded server, which ends with the JVM anyway.
 *
 * <p>Thread-safe. {@link #dataSource()} opens a new connection for each call; a test that wants a
 * pool makes one from {@link #jdbcUrl()}, {@link #user()} and {@link #password()}.
 */
public final class TestDatabase implements AutoCloseable {
  private final PGSimpleDataSource maintenance;
  private final PGSimpleDataSource database;

  private TestDatabase(PGSimpleDataSource maintenance, PGSimpleDataSource database) {
    this.maintenance = maintenance;
    this.database = database;
  }

  /** An empty database with a name that no other has. */
  static TestDatabase createOn(String serverUrl) {
    return create(serverUrl, newName(), "");
  }

  static TestDatabase create(String serverUrl, String name) {
    return create(serverUrl, name, "");
  }

  /**
   * A database with what is in another of the same server.
   *
   * @param template nobody is connected to it
   */
  static TestDatabase copyOf(String template, String serverUrl) {
    // in files: the other way writes each page to the log
    return create(serverUrl, newName(), " TEMPLATE " + template + " STRATEGY FILE_COPY");
  }

  private static String newName() {
    return "chat_test_" + UUID.randomUUID().toString().replace("-", "");
  }

  private static TestDatabase create(String serverUrl, String name, String options) {
    PGSimpleDataSource maintenance = new PGSimpleDataSource();
    maintenance.setURL(serverUrl);
    PGSimpleDataSource database = new PGSimpleDataSource();
    database.setURL(serverUrl);
    database.setDatabaseName(name);
    TestDatabase created = new TestDatabase(maintenance, database);
    execute(maintenance, "CREATE DATABASE " + created.name() + options);
    return created;
  }

  /** A source of new, unpooled connections. */
  public DataSource dataSource() {
    return database;
  }

  public String name() {
    return String.valueOf(database.getDatabaseName());
  }

  /** Of the server. */
  public int port() {
    return database.getPortNumbers()[0];
  }

  /** The address without user and password. */
  public String jdbcUrl() {
    return "jdbc:postgresql://"
        + database.getServerNames()[0]
        + ":"
        + database.getPortNumbers()[0]
        + "/"
        + name();
  }

  public String user() {
    return String.valueOf(database.getUser());
  }

  /** The password, empty where the server asks for none. */
  public String password() {
    String password = database.getPassword();
    return password == null ? "" : password;
  }

  @Override
  public void close() {
    execute(maintenance, "DROP DATABASE IF EXISTS " + name() + " WITH (FORCE)");
  }

  /** Executes a statement on a server. */
  static void execute(String url, String sql) {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setURL(url);
    execute(dataSource, sql);
  }

  private static void execute(DataSource on, String sql) {
    try (Connection connection = on.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql + " failed: " + e.getMessage(), e);
    }
  }
}
