package chat.engine.application;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ChatEngine;
import chat.engine.ConversationId;
import chat.engine.EngineBuilder;
import chat.engine.GroupKey;
import chat.engine.NewGroup;
import chat.engine.NewMessage;
import chat.engine.Role;
import chat.engine.TransactionalChat;
import chat.engine.UserId;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.spi.StoredMessage;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

final class InMemoryTransactionalTest extends TransactionalTests {
  private final InMemoryMessageStore store = new InMemoryMessageStore();

  @Override
  ChatEngine start(Consumer<? super EngineBuilder> settings) {
    return start(store, settings);
  }

  @Override
  List<StoredMessage> kept(ConversationId conversation) {
    return store.after(conversation, 0, 10);
  }

  @Override
  Connection connection() {
    return connectionToNothing();
  }

  /** Without a database the publication is the commit. */
  @Override
  boolean rollsBack() {
    return false;
  }

  /** As a test of an application may have. */
  static Connection connectionToNothing() {
    AtomicBoolean autoCommit = new AtomicBoolean();
    return (Connection)
        Proxy.newProxyInstance(
            Connection.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "getAutoCommit" -> autoCommit.get();
                  case "setAutoCommit" -> {
                    autoCommit.set((Boolean) arguments[0]);
                    yield null;
                  }
                  case "commit", "rollback", "close" -> null;
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  @Override
  void forget(TransactionalChat chat) {
    assertThat(chat.publish().join()).isTrue();
  }

  @Test
  void whatOthersDidMeanwhileStays() throws SQLException {
    UserId ada = UserId.of("ada");
    UserId bob = UserId.of("bob");
    try (ChatEngine engine = ChatEngine.builder().store(store).build();
        Connection connection = connection()) {
      ConversationId talk = engine.asUser(ada).openDirect(bob).join().id();
      TransactionalChat chat = engine.transactional(connection);
      chat.send(ada, talk, NewMessage.text("published second"));
      engine.asUser(bob).send(talk, NewMessage.text("stored first")).join();
      assertThat(chat.publish().join()).isTrue();
      assertThat(store.after(talk, 0, 10))
          .extracting(stored -> stored.message().text())
          .containsExactly("stored first", "published second");
    }
  }

  @Test
  void whatIsOnlyReadIsReadAnewWhenItIsChanged() throws SQLException {
    UserId ada = UserId.of("ada");
    try (ChatEngine engine = ChatEngine.builder().store(store).build();
        Connection connection = connection()) {
      GroupKey key = GroupKey.of("key");
      NewGroup wanted = NewGroup.named("g").withMember(ada, Role.MEMBER);
      engine.asApplication().ensureGroup(key, wanted).join();
      TransactionalChat chat = engine.transactional(connection);
      ConversationId group = chat.ensureGroup(key, wanted).id();
      engine.asUser(ada).send(group, NewMessage.text("first")).join();
      assertThat(chat.send(ada, group, NewMessage.text("second")).seq()).isEqualTo(2);
    }
  }

  /** As many as may be under way, and some more. */
  @Test
  void publicationsThatAreDoneMakeRoomForOthers() throws SQLException {
    try (ChatEngine engine = ChatEngine.builder().store(store).build();
        Connection connection = connection()) {
      TransactionalChat chat = engine.transactional(connection);
      for (int i = 0; i < 16_500; i++) {
        assertThat(chat.publish().join()).isTrue();
      }
    }
  }
}
