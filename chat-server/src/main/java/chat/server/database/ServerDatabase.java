package chat.server.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.metrics.micrometer.MicrometerMetricsTrackerFactory;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;

/** One pool for engine and server, and the server's tables. Thread-safe. */
public final class ServerDatabase implements AutoCloseable {
  private final HikariDataSource pool;
  private final Jdbi jdbi;

  private ServerDatabase(HikariDataSource pool) {
    this.pool = pool;
    this.jdbi = Jdbi.create(pool);
  }

  /**
   * Connects and brings the tables up to date.
   *
   * @param meters is told of the pool's state
   * @throws RuntimeException if the database cannot be reached
   * @throws IOException if its locale does not know capital letters that are not English
   */
  public static ServerDatabase open(DatabaseAddress address, int connections, MeterRegistry meters)
      throws IOException {
    ServerDatabase database = connect(address, connections, meters);
    try {
      refuseEnglishOnly(database.pool, address);
      ServerSchema.migrate(database.pool);
      return database;
    } catch (IOException | RuntimeException fault) {
      database.close();
      throw fault;
    }
  }

  /**
   * Connects and leaves the tables as they are.
   *
   * @throws RuntimeException if the database cannot be reached
   */
  public static ServerDatabase connect(
      DatabaseAddress address, int connections, MeterRegistry meters) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("chat-server");
    config.setMetricsTrackerFactory(new MicrometerMetricsTrackerFactory(meters));
    config.setJdbcUrl(address.jdbcUrl());
    config.setUsername(address.user());
    config.setPassword(address.password());
    config.setMaximumPoolSize(connections);
    config.setConnectionTimeout(Duration.ofSeconds(2).toMillis());
    config.setValidationTimeout(Duration.ofSeconds(1).toMillis());
    config.setInitializationFailTimeout(Duration.ofSeconds(10).toMillis());
    config.addDataSourceProperty("ApplicationName", "chat-server");
    config.addDataSourceProperty("tcpKeepAlive", "true");
    config.addDataSourceProperty("connectTimeout", "2");
    config.addDataSourceProperty("socketTimeout", "20");
    return new ServerDatabase(new HikariDataSource(config));
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
