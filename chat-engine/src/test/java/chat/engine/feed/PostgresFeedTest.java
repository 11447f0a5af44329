package chat.engine.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ConversationId;
import chat.engine.NewMessage;
import chat.engine.postgres.PostgresMessageStore;
import chat.engine.spi.MessageStore;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import java.sql.Connection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

final class PostgresFeedTest extends FeedTests {
  private final TestDatabase database = TestPostgres.chatDatabase();

  @Override
  protected MessageStore openStore() {
    return PostgresMessageStore.open(database.jdbcUrl(), database.user(), database.password(), 8);
  }

  @Override
  protected void closed() {
    database.close();
  }

  @Test
  void aCommitThatComesLateIsDelivered() throws Exception {
    ConversationId late = get(north.asUser(ADA).openDirect(BOB)).id();
    ConversationId other = get(north.asUser(ADA).openDirect(CLEO)).id();
    List<String> delivered = new CopyOnWriteArrayList<>();
    get(
        north.feed(
            "feed",
            batch -> {
              batch.messages().forEach(message -> delivered.add(message.text()));
              return CompletableFuture.completedFuture(null);
            }));
    try (Connection transaction = database.dataSource().getConnection()) {
      transaction.setAutoCommit(false);
      north.transactional(transaction).send(ADA, late, NewMessage.text("late"));
      for (int i = 0; i < 5; i++) {
        get(south.asUser(ADA).send(other, NewMessage.text("m" + i)));
        int sent = i + 1;
        await().until(() -> delivered.size() == sent);
      }
      assertThat(delivered).doesNotContain("late");
      transaction.commit();
    }
    await().until(() -> delivered.contains("late"));
  }
}
