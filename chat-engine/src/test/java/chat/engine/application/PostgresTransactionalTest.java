package chat.engine.application;

import chat.engine.ChatEngine;
import chat.engine.ConversationId;
import chat.engine.EngineBuilder;
import chat.engine.postgres.PostgresMessageStore;
import chat.engine.spi.MessageStore;
import chat.engine.spi.StoredMessage;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Consumer;

final class PostgresTransactionalTest extends TransactionalTests {
  private final TestDatabase database = TestPostgres.chatDatabase();

  private MessageStore openStore() {
    return PostgresMessageStore.open(database.jdbcUrl(), database.user(), database.password(), 6);
  }

  @Override
  ChatEngine start(Consumer<? super EngineBuilder> settings) {
    return start(openStore(), settings);
  }

  @Override
  List<StoredMessage> kept(ConversationId conversation) {
    try (MessageStore store = openStore()) {
      return store.after(conversation, 0, 10);
    }
  }

  @Override
  Connection connection() throws SQLException {
    Connection connection = database.dataSource().getConnection();
    connection.setAutoCommit(false);
    return connection;
  }

  @Override
  protected void closed() {
    database.close();
  }
}
