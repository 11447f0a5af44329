package chat.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.Message;
import chat.engine.UserId;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.Membership;
import chat.engine.spi.ConversationStore.Unread;
import chat.engine.spi.ConversationStore.UnreadRange;
import chat.engine.spi.Deletion;
import chat.engine.spi.MessageStore;
import chat.engine.spi.MessageStore.ChangedAfter;
import chat.engine.spi.MessageStore.MessagePlace;
import chat.engine.spi.MessageStore.Range;
import chat.engine.spi.Reaction;
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
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A page is an index range, with the plan that PostgreSQL uses for a statement that was prepared
 * long ago: whatever is stored besides, its cost is that of its own rows.
 */
@Tag("thorough")
final class PagePlansTest {
  private static final UserId ADA = UserId.of("ada");
  private static final int MANY = 5_000;

  private final Queue<String> statements = new ConcurrentLinkedQueue<>();
  private final TestDatabase database = TestPostgres.chatDatabase();
  private final MessageStore store =
      PostgresMessageStore.open(
          InterceptedDataSource.of(
              database.dataSource(), (connection, sql) -> statements.add(sql)));

  /** The user is in all conversations, and in the first one there are as many others. */
  @BeforeEach
  void fill() throws SQLException {
    try (Connection connection = database.dataSource().getConnection()) {
      execute(
          connection,
          "INSERT INTO chat_conversations (conversation_id, kind, name, created_at)"
              + " SELECT c, 'G', 'name', now() FROM generate_series(1, "
              + MANY
              + ") c");
      execute(
          connection,
          "INSERT INTO chat_conversation_counters SELECT c FROM generate_series(1, "
              + MANY
              + ") c");
      execute(
          connection,
          "INSERT INTO chat_members (conversation_id, user_id, role, joined_at, joined_seq, joined_rev,"
              + " read_seq, received_seq) SELECT c, 'ada', 'M', now(), 0, 0, 0, 0 FROM generate_series(1, "
              + MANY
              + ") c UNION ALL SELECT 1, 'user' || u, 'M', now(), 0, 0, 0, 0 FROM generate_series(1, "
              + MANY
              + ") u");
      execute(connection, "ANALYZE");
    }
    statements.clear();
  }

  @AfterEach
  void close() {
    store.close();
    database.close();
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The generic plan of the only query that was prepared since the last call. */
  private String plan(String... parameters) throws SQLException {
    String sql =
        statements.stream()
            .filter(one -> one.startsWith("SELECT"))
            .reduce((a, b) -> b)
            .orElseThrow();
    statements.clear();
    for (int i = 1; sql.contains("?"); i++) {
      sql = sql.replaceFirst("\\?", "\\$" + i);
    }
    List<String> lines = new ArrayList<>();
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("SET plan_cache_mode = force_generic_plan");
      statement.execute("PREPARE page AS " + sql);
      try (ResultSet rows =
          statement.executeQuery(
              "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) EXECUTE page ("
                  + String.join(", ", parameters)
                  + ")")) {
        while (rows.next()) {
          lines.add(rows.getString(1));
        }
      }
    }
    return String.join("\n", lines);
  }

  @Test
  void aPageOfConversationsIsARangeOfTheIndexByUserAndConversation() throws SQLException {
    ConversationStore conversations = store.conversations();
    List<Membership> page = conversations.memberships(ADA, ConversationId.of(2_000), 100);
    assertThat(page).hasSize(100);

    String plan = plan("'ada'", "2000", "100");
    assertThat(plan)
        .contains("chat_members_by_user_and_conversation")
        .doesNotContain("Seq Scan", "Sort", "Hash")
        .as("no node of the plan gives more rows than the page has")
        .doesNotContainPattern("rows=(\\d{4,}|[1-9][1-9]\\d)");
  }

  @Test
  void aPageOfMembersIsARangeOfThePrimaryKey() throws SQLException {
    ConversationStore conversations = store.conversations();
    assertThat(
            conversations
                .members(ConversationId.of(1), UserId.of("user2"), 99)
                .orElseThrow()
                .members())
        .hasSize(99);

    String plan = plan("'user2'", "100", "1");
    assertThat(plan)
        .contains("chat_members_pkey")
        .doesNotContain("Seq Scan", "Hash")
        .doesNotContainPattern("rows=(\\d{4,}|[1-9][1-9]\\d)");
  }

  @Test
  void conversationsAreFoundByTheirKeys() throws SQLException {
    assertThat(store.conversations().memberships(ADA, List.of(ConversationId.of(77)))).hasSize(1);

    assertThat(plan("'ada'", "'{77}'"))
        .doesNotContain("Seq Scan", "Hash")
        .doesNotContainPattern("rows=\\d{2,}");
  }

  /** Messages 1 to 20 of each conversation, of which the planner knows nothing. */
  private void fillWithMessages() throws SQLException {
    try (Connection connection = database.dataSource().getConnection()) {
      execute(
          connection,
          "INSERT INTO chat_messages (conversation_id, seq, message_id, content_hash, created_at,"
              + " sender_id, client_message_id, body, members_rev) SELECT c, s, 1, 1, now(), 'ada',"
              + " 'k' || s, 'text', 0 FROM generate_series(1, "
              + MANY
              + ") c, generate_series(1, 20) s");
    }
  }

  @Test
  void rangesAreRangesOfThePrimaryKey() throws SQLException {
    fillWithMessages();
    List<Range> ranges =
        List.of(
            new Range(ConversationId.of(7), 10, 20, 3), new Range(ConversationId.of(9), 0, 1, 5));
    assertThat(store.ranges(ranges).values()).extracting(List::size).containsExactly(3, 1);

    assertThat(plan("'{7, 9}'", "'{10, 0}'", "'{13, 1}'"))
        .contains("chat_messages_pkey")
        .doesNotContain("Seq Scan", "Hash")
        .doesNotContainPattern("rows=\\d{2,}");
  }

  /** In each conversation, 3,000 changes of the group and then edits of messages 1 to 20, twice. */
  private void fillWithChanges() throws SQLException {
    fillWithMessages();
    try (Connection connection = database.dataSource().getConnection()) {
      execute(
          connection,
          "INSERT INTO chat_conversation_changes (conversation_id, rev, at_seq, kind, actor_id, name,"
              + " changed_at, message_seq) SELECT c, v, 20, CASE WHEN v > 3000 THEN 'E' ELSE 'N' END,"
              + " 'ada', 'name', now(), CASE WHEN v > 3000 THEN (v - 3001) % 20 + 1 END"
              + " FROM generate_series(1, 20) c, generate_series(1, 3040) v");
      execute(
          connection,
          "UPDATE chat_messages SET rev = 3020 + seq, edited_at = now() WHERE conversation_id <= 20");
      execute(connection, "ANALYZE");
    }
  }

  @Test
  void whatWasChangedSinceIsARangeOfTheLogAndLookUpsOfItsMessages() throws SQLException {
    fillWithChanges();
    List<ChangedAfter> pieces =
        List.of(
            new ChangedAfter(ConversationId.of(7), 3_030, 20, 3),
            new ChangedAfter(ConversationId.of(9), 3_036, 18, 9));
    assertThat(store.changed(pieces).values()).extracting(List::size).containsExactly(3, 2);

    assertThat(plan("'{7, 9}'", "'{3030, 3036}'", "'{20, 18}'", "'{3, 9}'"))
        .contains("chat_conversation_changes_pkey", "chat_messages_pkey")
        .doesNotContain("Seq Scan", "Sort", "Hash", "Merge")
        .doesNotContainPattern("rows=\\d{2,}");
  }

  @Test
  void messagesThatAreToBeChangedAreLookedUpByThePrimaryKey() throws SQLException {
    fillWithMessages();
    List<Deletion> deletions = List.of(deletion(7, 3), deletion(9, 1), deletion(9, 2));
    assertThat(store.append(deletions, Duration.ZERO))
        .allMatch(AppendOutcome.Changed.class::isInstance);

    assertThat(plan("'{7, 9, 9}'", "'{3, 1, 2}'"))
        .contains("chat_messages_pkey")
        .doesNotContain("Seq Scan", "Hash", "Merge")
        .doesNotContainPattern("rows=\\d{2,}");
  }

  private void fillWithReactions() throws SQLException {
    fillWithMessages();
    addReactions();
  }

  private void addReactions() throws SQLException {
    try (Connection connection = database.dataSource().getConnection()) {
      execute(
          connection,
          "INSERT INTO chat_reactions SELECT c, 3, 'user' || u, 'x', u, true"
              + " FROM generate_series(1, 20) c CROSS JOIN generate_series(1, 3000) u");
      execute(connection, "ANALYZE");
    }
    statements.clear();
  }

  @Test
  void aPageOfThoseWhoReactIsARangeOfThePrimaryKeyThatEndsWithIt() throws SQLException {
    fillWithReactions();
    MessagePlace message = new MessagePlace(ConversationId.of(7), 3);
    assertThat(store.reactions(message, null, UserId.of("user2"), 5)).hasSize(5);

    assertThat(plan("7", "3", "'user2'", "5"))
        .contains("chat_reactions_pkey")
        .doesNotContain("Seq Scan", "Hash", "Merge")
        .as("sorts 32 rows at a time, so that is what it reads at least")
        .doesNotContainPattern("rows=\\d{3,}");
  }

  @Test
  void whatAUserReactedWithIsLookedUpByThePrimaryKey() throws SQLException {
    fillWithReactions();
    Set<MessagePlace> messages =
        Set.of(
            new MessagePlace(ConversationId.of(7), 3), new MessagePlace(ConversationId.of(9), 2));
    assertThat(store.reactionsOf(UserId.of("user9"), messages)).hasSize(1);

    assertThat(plan("'{7, 9}'", "'{3, 2}'", "'user9'"))
        .contains("chat_reactions_pkey")
        .doesNotContain("Seq Scan", "Hash", "Merge")
        .doesNotContainPattern("rows=\\d{2,}");
  }

  @Test
  void theReactionsOfThoseWhoReactAreLookedUpByThePrimaryKey() throws SQLException {
    fillWithReactions();
    List<Reaction> reactions =
        List.of(
            new Reaction(
                ConversationId.of(7), 3, ADA, Emoji.of("\u2764\uFE0F"), true, Instant.EPOCH));
    assertThat(store.append(reactions, Duration.ZERO))
        .allMatch(AppendOutcome.Changed.class::isInstance);

    String both =
        statements.stream()
            .filter(sql -> sql.contains("chat_reactions r ON"))
            .reduce((one, other) -> other)
            .orElseThrow(() -> new AssertionError("among " + statements));
    statements.clear();
    statements.add(both.substring(both.indexOf("; ") + 2));
    assertThat(plan("'{7}'", "'{3}'", "'{ada}'"))
        .contains("chat_reactions_pkey")
        .doesNotContain("Seq Scan", "Hash", "Merge")
        .doesNotContainPattern("rows=\\d{2,}");
  }

  private static Deletion deletion(long conversation, long seq) {
    return new Deletion(ConversationId.of(conversation), seq, ADA, Set.of(), Instant.EPOCH);
  }

  @Test
  void theLogIsReadInARangeWithLookUpsOfItsMessages() throws SQLException {
    fillWithChanges();
    addReactions();
    assertThat(store.conversations().changes(ConversationId.of(7), 2_998, 5)).hasSize(5);

    assertThat(plan("7", "7", "7", "7", "2998", "5"))
        .contains("chat_conversation_changes_pkey", "chat_messages_pkey")
        .doesNotContain("Seq Scan", "Sort", "Hash", "Merge")
        .doesNotContainPattern("rows=\\d{2,}");
  }

  @Test
  void aRangeWithAGapHasAsManyMessagesAsAskedFor() throws SQLException {
    fillWithMessages();
    try (Connection connection = database.dataSource().getConnection()) {
      execute(connection, "DELETE FROM chat_messages WHERE seq BETWEEN 2 AND 9");
    }
    List<Range> ranges =
        List.of(
            new Range(ConversationId.of(7), 0, 20, 3), new Range(ConversationId.of(9), 1, 20, 4));
    assertThat(store.ranges(ranges).values())
        .extracting(messages -> messages.stream().map(Message::seq).toList())
        .containsExactly(List.of(1L, 10L, 11L), List.of(10L, 11L, 12L, 13L));
  }

  @Test
  void unreadMessagesAreCountedInRangesOfThePrimaryKey() throws SQLException {
    fillWithMessages();
    try (Connection connection = database.dataSource().getConnection()) {
      execute(
          connection,
          "INSERT INTO chat_mentions (conversation_id, user_id, seq) SELECT c, 'bob', s FROM"
              + " generate_series(1, "
              + MANY
              + ") c, generate_series(2, 19) s");
    }
    List<UnreadRange> ranges =
        List.of(
            new UnreadRange(ConversationId.of(7), 18, 20, 0),
            new UnreadRange(ConversationId.of(9), 20, 20, 0));
    assertThat(store.conversations().unread(UserId.of("bob"), ranges))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(ConversationId.of(7), new Unread(2, 1), ConversationId.of(9), Unread.NONE));

    String[] once = {"'{7, 9}'", "'{18, 20}'", "'{20, 20}'"};
    String[] rest = {"'{0, 0}'", "'bob'"};
    assertThat(
            plan(
                Stream.of(once, rest, once, new String[] {"'bob'"})
                    .flatMap(Stream::of)
                    .toArray(String[]::new)))
        .contains("chat_messages_pkey", "chat_mentions_pkey")
        .doesNotContain("Seq Scan", "Hash")
        .doesNotContainPattern("rows=\\d{2,}");
  }
}
