package chat.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationId;
import chat.engine.ReceiptKind;
import chat.engine.UserId;
import chat.engine.contract.StoreFixture;
import chat.engine.spi.ConversationStore.ReceiptMove;
import chat.engine.spi.Draft;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every write is durable, and its transaction says for how long it may stand idle. */
@Timeout(120)
final class TransactionSettingsTest {
  private static final List<String> TABLES =
      List.of(
          "chat_messages",
          "chat_conversations",
          "chat_conversation_counters",
          "chat_members",
          "chat_conversation_changes",
          "chat_direct_conversations",
          "chat_last_seen",
          "chat_outbox",
          "chat_commits");

  private final TestDatabase database = TestPostgres.chatDatabase();
  private final PostgresMessageStore store =
      PostgresMessageStore.open(database.jdbcUrl(), database.user(), database.password());
  private final StoreFixture chat = new StoreFixture(() -> store);
  private final UserId ada = chat.user("ada");
  private final UserId bob = chat.user("bob");
  private final ConversationId group = chat.group(ada, bob);

  @BeforeEach
  void noteTheSettingsOfEveryWrite() throws SQLException {
    execute("CREATE TABLE seen (wrote text, idle_limit text, durable text)");
    execute(
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            + " INSERT INTO seen VALUES (TG_TABLE_NAME,"
            + " current_setting('idle_in_transaction_session_timeout'),"
            + " current_setting('synchronous_commit')); RETURN NULL; END $$");
    for (String table : TABLES) {
      execute(
          "CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON "
              + table
              + " FOR EACH ROW EXECUTE FUNCTION note()");
    }
  }

  @AfterEach
  void close() {
    chat.close();
    database.close();
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private List<String> query(String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      List<String> found = new ArrayList<>();
      while (row.next()) {
        found.add(row.getString(1));
      }
      return found;
    }
  }

  private Draft verified() {
    return chat.drafts().draft(group, ada).verifiedRev(chat.rev(group)).build();
  }

  private void writeEverything() throws SQLException {
    chat.append(verified()); // the fast path
    chat.append(chat.drafts().text(group, ada, "the full append"));
    store.append(List.of(verified()), Duration.ofSeconds(1));
    chat.direct(ada, bob);
    chat.change(group, StoreFixture.added(chat.user("eve")), StoreFixture.renamed("x"));
    chat.conversations().moveReceipts(List.of(new ReceiptMove(group, bob, ReceiptKind.READ, 1)));
    store.lastSeen().record(Map.of(ada, chat.drafts().now()));
    execute("INSERT INTO chat_outbox VALUES (" + group + ", 1, 1)");
    execute("DELETE FROM seen WHERE wrote = 'chat_outbox'"); // that was the test itself
    store.unpublished(Duration.ofDays(-1), 10).forEach(store::published);
  }

  @Test
  void everyTransactionLimitsForHowLongItMayStandIdle() throws SQLException {
    writeEverything();
    assertThat(new TreeSet<>(query("SELECT wrote FROM seen")))
        .containsExactlyInAnyOrderElementsOf(TABLES);
    assertThat(
            query("SELECT DISTINCT wrote || ' ' || idle_limit FROM seen WHERE idle_limit <> '5s'"))
        .isEmpty();
  }

  @Test
  void everyTransactionIsAsDurableAsTheServerIsSetTo() throws SQLException {
    writeEverything();
    assertThat(query("SELECT DISTINCT wrote || ' ' || durable FROM seen WHERE durable <> 'on'"))
        .isEmpty();
  }

  @Test
  void whatIsAcknowledgedIsOnTheDisk() throws SQLException {
    execute("CREATE TABLE commits (lsn pg_lsn)");
    execute(
        "CREATE FUNCTION note_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            + " INSERT INTO commits VALUES (pg_current_wal_insert_lsn()); RETURN NULL; END $$");
    execute(
        "CREATE CONSTRAINT TRIGGER note_commit AFTER INSERT ON chat_messages"
            + " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_commit()");
    for (int i = 0; i < 50; i++) {
      chat.append(i % 2 == 0 ? verified() : chat.drafts().text(group, ada, "full"));
      assertThat(query("SELECT pg_current_wal_flush_lsn() > max(lsn) FROM commits"))
          .as("the commit of append " + i + " is on the disk")
          .containsExactly("t");
    }
  }
}
