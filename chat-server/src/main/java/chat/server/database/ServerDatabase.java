package chat.server.database;

import chat.engine.postgres.SchemaMigrations;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.metrics.micrometer.MicrometerMetricsTrackerFactory;
import io.micrometer.core.instrument.MeterRegistry;
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
   */
  public static ServerDatabase open(
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
    HikariDataSource pool = new HikariDataSource(config);
    try {
      SchemaMigrations.run(
          pool,
          ServerDatabase.class.getClassLoader(),
          "chat/server/migrations",
          "chat_server_schema_history");
    } catch (RuntimeException fault) {
      pool.close();
      throw fault;
    }
    return new ServerDatabase(pool);
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
