package chat.engine.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.EngineBuilder;
import chat.engine.GroupKey;
import chat.engine.NewGroup;
import chat.engine.NewMessage;
import chat.engine.Role;
import chat.engine.TransactionalChat;
import chat.engine.UserId;
import chat.engine.event.ConversationChanged;
import chat.engine.postgres.PostgresMessageStore;
import chat.engine.spi.MessageStore;
import chat.engine.spi.StoredMessage;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import chat.engine.testkit.RecordingListener;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

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

  @Test
  void whatIsTakenBackToASavepointIsNotShownAndTheRestIs() throws SQLException {
    UserId ada = UserId.of("ada");
    try (ChatEngine engine = start(settings -> {});
        Connection connection = connection()) {
      GroupKey key = GroupKey.of("key");
      NewGroup group = NewGroup.named("g").withMember(ada, Role.OWNER);
      ConversationId id = engine.asApplication().ensureGroup(key, group).join().id();
      RecordingListener listener = new RecordingListener();
      engine.connect(ada, DeviceId.of("d"), listener).join();
      TransactionalChat chat = engine.transactional(connection);
      Savepoint before = connection.setSavepoint();
      chat.rename(id, "taken back");
      chat.ensureGroup(GroupKey.of("another"), group);
      connection.rollback(before);
      chat.send(id, NewMessage.text("stays"));
      connection.commit();

      assertThat(chat.publish().join()).as("the store has all of it").isFalse();
      await().until(() -> listener.texts(id).contains("stays"));
      assertThat(listener.events(ConversationChanged.class)).isEmpty();
    }
  }
}
