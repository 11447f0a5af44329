package chat.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationId;
import chat.engine.MessageVersion;
import chat.engine.UserId;
import chat.engine.contract.StoreFixture;
import chat.engine.spi.AppendOutcome.Changed;
import chat.engine.spi.MessageStore.MessagePlace;
import chat.engine.spi.StoreTransaction;
import chat.engine.spi.Write;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Which rows there are of what messages said before. */
@Tag("thorough")
final class MessageVersionRowsTest {
  private static final UserId ADA = UserId.of("ada");

  private final TestDatabase database = TestPostgres.freshDatabase();
  private final Queue<String> statements = new ConcurrentLinkedQueue<>();
  private final StoreFixture chat =
      new StoreFixture(
          () ->
              PostgresMessageStore.open(
                  InterceptedDataSource.of(
                      database.dataSource(), (connection, sql) -> statements.add(sql))));

  @AfterEach
  void close() {
    chat.close();
    database.close();
  }

  /** The texts in the table, in the order of its key. */
  private List<String> rows() throws SQLException {
    List<String> found = new ArrayList<>();
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT body FROM chat_message_versions ORDER BY conversation_id, seq, version")) {
      while (row.next()) {
        found.add(row.getString(1));
      }
    }
    return found;
  }

  private ConversationId edited(int messages) {
    ConversationId group = chat.group(ADA);
    chat.send(group, ADA, messages);
    for (int seq = 1; seq <= messages; seq++) {
      make(chat.drafts().keepingEdit(group, seq, ADA, "secret " + seq));
      make(chat.drafts().keepingEdit(group, seq, ADA, "present " + seq));
    }
    return group;
  }

  private void make(Write write) {
    assertThat(chat.append(write)).isInstanceOf(Changed.class);
  }

  private List<String> made(Write write) {
    statements.clear();
    make(write);
    return statements.stream().filter(sql -> !sql.equals(InterceptedDataSource.END)).toList();
  }

  @Test
  void editsThatKeepNothingDoNotTouchTheTable() throws SQLException {
    ConversationId group = chat.group(ADA);
    chat.send(group, ADA, 2);
    assertThat(made(chat.drafts().edit(group, 1, ADA, "two")))
        .as("lock; roles; messages; changes; counters")
        .hasSize(5)
        .noneMatch(sql -> sql.contains("chat_message_versions"));
    assertThat(made(chat.drafts().deletion(group, 2, ADA)))
        .as("it was never edited")
        .hasSize(5)
        .noneMatch(sql -> sql.contains("chat_message_versions"));
    assertThat(rows()).isEmpty();
  }

  @Test
  void editsThatKeepAVersionAndDeletionsTakeNoMoreRoundTrips() throws SQLException {
    ConversationId group = chat.group(ADA);
    chat.send(group, ADA, 1);
    assertThat(made(chat.drafts().keepingEdit(group, 1, ADA, "two"))).hasSize(5);
    assertThat(made(chat.drafts().edit(group, 1, ADA, "three"))).hasSize(5);
    assertThat(rows()).containsExactly("message 0");
    assertThat(made(chat.drafts().deletion(group, 1, ADA)))
        .hasSize(5)
        .anyMatch(sql -> sql.contains("chat_message_versions v USING"));
    assertThat(rows()).isEmpty();
  }

  @Test
  void noMoreRowsThanTheBoundAreLeft() throws SQLException {
    ConversationId group = chat.group(ADA);
    chat.send(group, ADA, 1);
    for (int batch = 0; batch < 5; batch++) {
      int of = batch;
      assertThat(
              chat.append(
                  IntStream.range(0, 200)
                      .mapToObj(i -> chat.drafts().keepingEdit(group, 1, ADA, of + " " + i))
                      .toList()))
          .allMatch(Changed.class::isInstance);
      assertThat(rows()).hasSize(MessageVersion.MAX_PER_MESSAGE).endsWith(of + " 198");
    }
    make(chat.drafts().keepingEdit(group, 1, ADA, "last"));
    assertThat(rows())
        .hasSize(MessageVersion.MAX_PER_MESSAGE)
        .startsWith("4 100")
        .endsWith("4 199");
  }

  @Test
  void aDeletionLeavesTheRowsOfOtherMessages() throws SQLException {
    ConversationId group = edited(2);
    make(chat.drafts().deletion(group, 1, ADA));
    assertThat(rows()).containsExactly("message 1", "secret 2");
  }

  @Test
  void noRowsOfAnExpiredMessageAreLeft() throws SQLException {
    ConversationId group = edited(3);
    Instant now = chat.drafts().now();
    assertThat(chat.store().retention().expire(group, now.plusSeconds(60), 2, now)).isPresent();
    assertThat(rows()).containsExactly("message 2", "secret 3");
  }

  @Test
  void aDeletedConversationIsErasedWithItsVersions() throws SQLException {
    ConversationId group = edited(5);
    ConversationId other = edited(1);
    chat.conversations().delete(group, ADA, chat.drafts().now());
    int rounds = 1;
    while (chat.conversations().erase(group, 4)) {
      rounds++;
    }
    assertThat(rounds).as("10 versions of 5 messages, 4 at a time").isGreaterThanOrEqualTo(4);
    assertThat(rows()).containsExactly("message 0", "secret 1");
    assertThat(chat.store().versions(new MessagePlace(other, 1), 0, 9)).hasSize(3);
  }

  @Test
  void aTransactionThatIsRolledBackKeepsNothing() throws SQLException {
    ConversationId group = chat.group(ADA);
    chat.send(group, ADA, 1);
    PostgresMessageStore store = (PostgresMessageStore) chat.store();
    for (boolean commits : new boolean[] {false, true}) {
      try (Connection connection = database.dataSource().getConnection()) {
        connection.setAutoCommit(false);
        StoreTransaction transaction = store.join(connection, Duration.ofSeconds(5));
        assertThat(transaction.append(chat.drafts().keepingEdit(group, 1, ADA, "two")))
            .isInstanceOf(Changed.class);
        if (commits) {
          connection.commit();
        } else {
          connection.rollback();
        }
      }
      assertThat(rows()).hasSize(commits ? 1 : 0);
    }
  }
}
