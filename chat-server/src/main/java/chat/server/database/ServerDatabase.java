package chat.server.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.metrics.micrometer.MicrometerMetricsTrackerFactory;
import com.zaxxer.hikari.pool.HikariPool;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.StatementContext;
import org.jdbi.v3.core.statement.StatementExceptions;

/** One pool for engine and server, and the server's tables. Thread-safe. */
public final class ServerDatabase implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final HikariDataSource pool;
  private final Jdbi jdbi;

  private ServerDatabase(HikariDataSource pool) {
    this.pool = pool;
    this.jdbi = jdbi(pool);
  }

  /**
   * Connects and brings the tables up to date.
   *
   * @param meters is told of the pool's state
   * @param acceptNewerTables whether tables of a newer version may be used
   * @throws IOException if the database cannot be used, or its locale does not know capital letters
   *     that are not English; the message says why, and what to do
   * @throws RuntimeException as {@link ServerSchema#migrate}
   */
  public static ServerDatabase open(
      DatabaseAddress address, int connections, MeterRegistry meters, boolean acceptNewerTables)
      throws IOException {
    ServerDatabase database = connect(address, connections, meters);
    try {
      refuseEnglishOnly(database.pool, address);
      ServerSchema.migrate(database.pool, acceptNewerTables);
      return database;
    } catch (IOException | RuntimeException fault) {
      database.close();
      throw fault;
    }
  }

  /**
   * Connects and leaves the tables as they are.
   *
   * @throws IOException if the database cannot be used; the message says why, and what to do
   */
  public static ServerDatabase connect(
      DatabaseAddress address, int connections, MeterRegistry meters) throws IOException {
    FirstConnection.make(address, PATIENCE);
    HikariConfig config = new HikariConfig();
    config.setPoolName("chat-server");
    config.setMetricsTrackerFactory(new MicrometerMetricsTrackerFactory(meters));
    config.setJdbcUrl(address.jdbcUrl());
    config.setUsername(address.user());
    config.setPassword(address.password());
    config.setMaximumPoolSize(connections);
    config.setConnectionTimeout(Duration.ofSeconds(2).toMillis());
    config.setValidationTimeout(Duration.ofSeconds(1).toMillis());
    config.setInitializationFailTimeout(PATIENCE.toMillis());
    config.addDataSourceProperty("ApplicationName", "chat-server");
    config.addDataSourceProperty("tcpKeepAlive", "true");
    config.addDataSourceProperty("connectTimeout", "2");
    config.addDataSourceProperty("socketTimeout", "20");
    try {
      return new ServerDatabase(new HikariDataSource(config));
    } catch (HikariPool.PoolInitializationException away) {
      throw FirstConnection.failed(address, away);
    }
  }

  /** Its faults name the statement and none of the values, which can be hashes and tokens. */
  private static Jdbi jdbi(DataSource source) {
    Jdbi jdbi = Jdbi.create(source);
    jdbi.getConfig(StatementExceptions.class)
        .setMessageRendering(
            fault -> {
              StatementContext context = fault.getStatementContext();
              String sql = context == null ? null : context.getRawSql();
              return fault.getShortMessage() + (sql == null ? "" : " [statement: " + sql + "]");
            });
    return jdbi;
  }

  /**
   * Where names are compared in lower case, two that differ in case only would be two users.
   *
   * @throws IOException if the locale of the database knows English letters only
   */
  public static void refuseEnglishOnly(DataSource pool, DatabaseAddress address)
      throws IOException {
    boolean knowsLetters =
        Jdbi.create(pool)
            .withHandle(
                handle ->
                    handle
                        .createQuery("select lower(:capital) = :small")
                        .bind("capital", "\u00c4")
                        .bind("small", "\u00e4")
                        .mapTo(boolean.class)
                        .one());
    if (!knowsLetters) {
      throw new IOException(
          ("the locale of the database %s knows English letters only, so two usernames could"
                  + " differ in nothing but case; make another one with"
                  + " create database chat template template0 encoding 'UTF8' locale 'C.UTF-8'"
                  + " and restore a pg_dump of this one into it")
              .formatted(address.shownUrl()));
    }
  }

  public DataSource dataSource() {
    return pool;
  }

  public Jdbi jdbi() {
    return jdbi;
  }

  /** Whether it answers now, within about two seconds. */
  public boolean answers() {
    try {
      return jdbi.withHandle(handle -> handle.getConnection().isValid(1));
    } catch (Exception away) {
      return false;
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
