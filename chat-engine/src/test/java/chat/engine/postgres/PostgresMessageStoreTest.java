package chat.engine.postgres;

import chat.engine.contract.MessageStoreContract;
import chat.engine.spi.MessageStore;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

final class PostgresMessageStoreTest extends MessageStoreContract {
  private static TestDatabase database;

  @BeforeAll
  static void createDatabase() {
    database = TestPostgres.chatDatabase();
  }

  @AfterAll
  static void dropDatabase() {
    database.close();
  }

  @Override
  protected MessageStore openStore() {
    return PostgresMessageStore.open(database.jdbcUrl(), database.user(), database.password());
  }
}
