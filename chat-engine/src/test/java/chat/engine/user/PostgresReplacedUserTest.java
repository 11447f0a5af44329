package chat.engine.user;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationId;
import chat.engine.NewMessage;
import chat.engine.postgres.PostgresMessageStore;
import chat.engine.spi.MessageStore;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("thorough")
final class PostgresReplacedUserTest extends ReplacedUserTests {
  private final TestDatabase database = TestPostgres.chatDatabase();

  @Override
  protected MessageStore openStore() {
    return PostgresMessageStore.open(database.jdbcUrl(), database.user(), database.password(), 6);
  }

  @Override
  protected void closed() {
    database.close();
  }

  @Override
  int rounds() {
    return 60;
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
  }

  /**
   * Every column of every table of the schema as text, whatever its type: so a table that is added
   * later is searched, too.
   */
  private Map<String, Integer> columnsWith(String text) throws SQLException {
    Map<String, Integer> found = new TreeMap<>();
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      List<String> columns = new ArrayList<>();
      try (ResultSet row =
          statement.executeQuery(
              "SELECT quote_ident(c.table_name), quote_ident(c.column_name)"
                  + " FROM information_schema.columns c JOIN information_schema.tables t"
                  + " USING (table_schema, table_name) WHERE table_schema = current_schema()"
                  + " AND t.table_type = 'BASE TABLE'")) {
        while (row.next()) {
          columns.add(row.getString(1) + "." + row.getString(2));
        }
      }
      assertThat(columns).contains("chat_messages.body", "chat_commits.user_ids");
      for (String column : columns) {
        String table = column.substring(0, column.indexOf('.'));
        String hex = "encode(convert_to('" + text + "', 'UTF8'), 'hex')"; // as bytea is shown
        try (ResultSet row =
            statement.executeQuery(
                "SELECT count(*) FROM %1$s WHERE strpos(%2$s::text, '%3$s') > 0 OR strpos(%2$s::text, %4$s) > 0"
                    .formatted(table, column, text, hex))) {
          row.next();
          if (row.getInt(1) > 0) {
            found.put(column, row.getInt(1));
          }
        }
      }
    }
    return found;
  }

  private void beenSeen() {
    try (MessageStore store = openStore()) {
      store.lastSeen().record(Map.of(ADA, Instant.now()));
      store.conversations().moveReceipts(List.of());
    }
  }

  /** Rows that are on their way somewhere. */
  private void execute(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  void noColumnOfNoTableHoldsAnythingOfAUserWhoWasErased() throws Exception {
    World world = everything();
    beenSeen();
    // as a node before V8 stored it: a mention without a row in chat_mentions
    execute("DELETE FROM chat_mentions WHERE seq = 3 AND conversation_id = " + world.adminOf());
    assertThat(columnsWith(WROTE).keySet())
        .contains("chat_messages.body", "chat_messages.attributes", "chat_message_versions.body");
    assertThat(columnsWith(ADA.value()).keySet())
        .as("what this test is about")
        .contains(
            "chat_messages.sender_id",
            "chat_messages.client_message_id",
            "chat_messages.mentions",
            "chat_mentions.user_id",
            "chat_reactions.user_id",
            "chat_members.user_id",
            "chat_bans.user_id",
            "chat_bans.banned_by",
            "chat_invites.created_by",
            "chat_pins.pinned_by",
            "chat_blocks.user_id",
            "chat_blocks.blocked_id",
            "chat_last_seen.user_id",
            "chat_conversation_keys.scope",
            "chat_conversation_changes.actor_id",
            "chat_conversation_changes.subjects",
            "chat_conversations.peer_low",
            "chat_direct_conversations.peer_low",
            "chat_commits.user_ids");

    get(north.asApplication().eraseUser(ADA, GONE));

    assertThat(columnsWith(WROTE)).isEmpty();
    assertThat(columnsWith(ADA.value())).isEmpty();
    beenSeen(); // a node notes late when the user left it
    assertThat(columnsWith(ADA.value())).isEmpty();
  }

  @Test
  void noColumnHoldsAnIdThatWasReplacedByAnother() throws Exception {
    everything();
    beenSeen();
    execute(
        "UPDATE chat_messages SET client_message_id = 'c' || seq WHERE client_message_id LIKE '%ada%'");
    get(north.asApplication().renameUser(ADA, NEW));
    assertThat(columnsWith(ADA.value())).isEmpty();
    assertThat(columnsWith(NEW.value()).keySet())
        .contains("chat_last_seen.user_id", "chat_reactions.user_id", "chat_blocks.blocked_id");
  }

  /** With users whose ids contain each other, and groups of more messages than a step takes. */
  @Test
  void manyMessagesAndIdsThatContainOthers() throws Exception {
    var inner = chat.engine.UserId.of("ada");
    ConversationId group = get(north.asUser(BOB).createGroup("g", Set.of(ADA, inner))).id();
    execute(
        "INSERT INTO chat_messages (conversation_id, seq, message_id, content_hash, created_at, sender_id,"
            + " client_message_id, body, members_rev) SELECT "
            + group
            + ", n, n, n, now(), CASE n % 3 WHEN 0 THEN 'ada' WHEN 1 THEN 'ada-of-old' ELSE 'bob' END,"
            + " 'c' || n, 'text', 0 FROM generate_series(1, 5000) n");
    execute(
        "UPDATE chat_conversation_counters SET last_seq = 5000 WHERE conversation_id = " + group);
    get(north.asUser(BOB).send(group, NewMessage.text("both").withMentions(List.of(ADA, inner))));
    get(north.asApplication().eraseUser(inner, GONE));
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT count(*) FILTER (WHERE sender_id = 'ada'), count(*) FILTER (WHERE sender_id = 'ada-of-old' AND body = 'text'),"
                    + " count(*) FILTER (WHERE sender_id = 'gone-1' AND body = ''), max(mentions) FROM chat_messages")) {
      row.next();
      assertThat(row.getInt(1)).isZero();
      assertThat(row.getInt(2)).isEqualTo(1667);
      assertThat(row.getInt(3)).isEqualTo(1666);
      assertThat(row.getString(4)).isEqualTo("ada-of-old");
    }
  }
}
