package chat.engine.application;

import chat.engine.postgres.PostgresMessageStore;
import chat.engine.spi.MessageStore;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;

final class PostgresApplicationTest extends ApplicationTests {
  private final TestDatabase database = TestPostgres.chatDatabase();

  @Override
  MessageStore openStore() {
    return PostgresMessageStore.open(database.jdbcUrl(), database.user(), database.password(), 6);
  }

  @Override
  protected void closed() {
    database.close();
  }
}
