package chat.engine.postgres;

import chat.engine.contract.MessageStoreContract;
import chat.engine.spi.MessageStore;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import com.zaxxer.hikari.HikariDataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

final class PostgresMessageStoreTest extends MessageStoreContract {
  private static TestDatabase database;

  /**
   * Of all tests: hundreds of stores with pools of their own would open thousands of connections.
   */
  private static HikariDataSource pool;

  @BeforeAll
  static void createDatabase() {
    database = TestPostgres.chatDatabase();
    pool = new HikariDataSource();
    pool.setJdbcUrl(database.jdbcUrl());
    pool.setUsername(database.user());
    pool.setPassword(database.password());
    pool.setMaximumPoolSize(12);
  }

  @AfterAll
  static void dropDatabase() {
    pool.close();
    database.close();
  }

  @Override
  protected MessageStore openStore() {
    return PostgresMessageStore.open(pool);
  }
}
