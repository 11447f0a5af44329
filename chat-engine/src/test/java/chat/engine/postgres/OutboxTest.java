package chat.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ConversationId;
import chat.engine.NewMessage;
import chat.engine.TransactionalChat;
import chat.engine.UserId;
import chat.engine.memory.InMemoryRouter;
import chat.engine.spi.PublicationOutbox;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class OutboxTest {
  private static final UserId SHOP = UserId.of("shop");
  private static final UserId ADA = UserId.of("ada");

  private final TestDatabase database = TestPostgres.chatDatabase();
  private final PostgresMessageStore store = PostgresMessageStore.open(database.dataSource());
  private final InMemoryRouter.Network network = new InMemoryRouter.Network();
  private final InMemoryRouter router = network.join();
  private final InMemoryRouter otherRouter = network.join();
  private final List<String> observed = new CopyOnWriteArrayList<>();
  private final ChatEngine one = node(router);
  private final ChatEngine two = node(otherRouter);
  private final ConversationId talk = one.asUser(SHOP).openDirect(ADA).join().id();

  private ChatEngine node(InMemoryRouter of) {
    return ChatEngine.builder()
        .store(PostgresMessageStore.open(database.dataSource()))
        .router(of)
        .commitObserver((conversation, message) -> observed.add(message.text()))
        .build();
  }

  @AfterEach
  void close() {
    one.close();
    two.close();
    store.close();
    database.close();
  }

  /** The same message, sent in one transaction, to be published by one or the other node. */
  private List<TransactionalChat> sendOnBoth(String text) throws SQLException {
    NewMessage message = NewMessage.text(text);
    try (Connection connection = database.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      TransactionalChat onOne = one.transactional(connection);
      onOne.send(SHOP, talk, message);
      TransactionalChat onTwo = two.transactional(connection);
      onTwo.send(SHOP, talk, message);
      connection.commit();
      return List.of(onOne, onTwo);
    }
  }

  private static void publish(TransactionalChat pending) {
    assertThat(pending.publish().join()).isTrue();
  }

  @Test
  void theHooksHearOfAMessageOnceHoweverOftenAndOnHoweverManyNodesItIsPublished()
      throws SQLException {
    List<TransactionalChat> pending = sendOnBoth("shipped");
    router.cut();
    for (int i = 0; i < 3; i++) {
      publish(pending.get(0));
    }
    await().until(() -> one.counters().getOrDefault("envelopes_dropped", 0L) >= 3);
    router.heal();
    CompletableFuture.allOf(
            CompletableFuture.runAsync(() -> publish(pending.get(0))),
            CompletableFuture.runAsync(() -> publish(pending.get(1))),
            CompletableFuture.runAsync(() -> publish(pending.get(1))))
        .join();
    await().untilAsserted(() -> assertThat(observed).contains("shipped"));

    // behind whatever else they have to tell
    one.asUser(SHOP).send(talk, NewMessage.text("last of one")).join();
    two.asUser(SHOP).send(talk, NewMessage.text("last of two")).join();
    await().untilAsserted(() -> assertThat(observed).contains("last of one", "last of two"));
    assertThat(observed).containsOnlyOnce("shipped");
  }

  @Test
  void aNoteIsRemovedByOneCallerOnly() throws SQLException {
    router.cut();
    otherRouter.cut(); // so that no node removes it first
    sendOnBoth("noted");
    List<PublicationOutbox.Note> notes = store.unpublished(Duration.ZERO, 10);
    assertThat(notes).hasSize(1);
    assertThat(store.published(notes.get(0))).isTrue();
    assertThat(store.published(notes.get(0))).isFalse();
    assertThat(store.unpublished(Duration.ZERO, 10)).isEmpty();
  }
}
