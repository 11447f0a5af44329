package chat.engine.message;

import chat.engine.postgres.PostgresMessageStore;
import chat.engine.spi.MessageStore;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;

final class PostgresAttachmentTest extends AttachmentTests {
  private final TestDatabase database = TestPostgres.chatDatabase();

  @Override
  protected MessageStore openStore() {
    return PostgresMessageStore.open(database.jdbcUrl(), database.user(), database.password(), 6);
  }

  @Override
  protected void closed() {
    database.close();
  }
}
