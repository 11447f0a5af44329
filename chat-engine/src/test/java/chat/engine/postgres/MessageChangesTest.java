package chat.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.Message;
import chat.engine.MessageEdit;
import chat.engine.UserId;
import chat.engine.contract.Drafts;
import chat.engine.contract.StoreFixture;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.AppendOutcome.Changed;
import chat.engine.spi.AppendOutcome.Locked;
import chat.engine.spi.AppendOutcome.Stored;
import chat.engine.spi.Draft;
import chat.engine.spi.Edit;
import chat.engine.spi.MessageStore.Mark;
import chat.engine.spi.MessageStore.Writes;
import chat.engine.spi.StoreTransaction;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Edits and deletions of messages as PostgreSQL has them. */
final class MessageChangesTest {
  private static final UserId ADA = UserId.of("ada");

  private final TestDatabase database = TestPostgres.freshDatabase();
  private final Queue<String> statements = new ConcurrentLinkedQueue<>();
  private final StoreFixture chat;

  MessageChangesTest() throws SQLException {
    migrateTo("5");
    execute(
        "INSERT INTO chat_conversations (conversation_id, kind, name, created_at)"
            + " VALUES (1, 'G', 'old', now())",
        "INSERT INTO chat_members (conversation_id, user_id, role, joined_at, joined_seq, joined_rev,"
            + " read_seq, received_seq) VALUES (1, 'ada', 'O', now(), 0, 0, 0, 0)",
        "INSERT INTO chat_conversation_counters VALUES (1, 1, 2)",
        "INSERT INTO chat_conversation_changes (conversation_id, rev, at_seq, kind, actor_id, name,"
            + " changed_at) SELECT 1, v, 1, 'N', '', 'old', now() FROM generate_series(1, 2) v",
        "INSERT INTO chat_messages (conversation_id, seq, message_id, content_hash, created_at,"
            + " sender_id, client_message_id, body, members_rev)"
            + " VALUES (1, 1, 1, 1, now(), 'ada', 'k', 'old', 2)");
    chat =
        new StoreFixture(
            () ->
                PostgresMessageStore.open(
                    InterceptedDataSource.of(
                        database.dataSource(), (connection, sql) -> statements.add(sql))));
  }

  @AfterEach
  void close() {
    chat.close();
    database.close();
  }

  private void migrateTo(String version) {
    Flyway.configure()
        .dataSource(database.dataSource())
        .locations("classpath:chat/engine/migrations")
        .table("chat_schema_history")
        .target(version)
        .load()
        .migrate();
  }

  private void execute(String... some) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      for (String sql : some) {
        statement.execute(sql);
      }
    }
  }

  private List<String> texts(String sql) throws SQLException {
    List<String> found = new ArrayList<>();
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        found.add(row.getString(1));
      }
    }
    return found;
  }

  private static List<String> kinds(List<AppendOutcome> outcomes) {
    return outcomes.stream().map(outcome -> outcome.getClass().getSimpleName()).toList();
  }

  // ---- beside what was there before

  @Test
  void messagesFromBeforeAreAsTheyWereSentAndCanBeEdited() {
    ConversationId old = ConversationId.of(1);
    Message sent = chat.messages(old).get(0);
    assertThat(sent.rev()).isZero();
    assertThat(sent.editedAt()).isNull();
    assertThat(sent.deleted()).isFalse();

    assertThat(chat.append(chat.drafts().edit(old, 1, ADA, "new")))
        .isInstanceOfSatisfying(
            Changed.class, made -> assertThat(made.change().rev()).isEqualTo(3));

    assertThat(chat.conversations().changes(old, 0, 9))
        .extracting(ConversationChange::rev)
        .containsExactly(1L, 2L, 3L);
    assertThat(chat.rev(old)).isEqualTo(2);
  }

  @Test
  void aChangeThatANodeOfTheVersionBeforeMakesCounts() throws SQLException {
    ConversationId group = chat.group(ADA);
    chat.send(group, ADA, 1);
    chat.change(group, StoreFixture.renamed("by the new one"));
    execute(
        "INSERT INTO chat_conversation_changes (conversation_id, rev, at_seq, kind, actor_id, name,"
            + " changed_at) VALUES ("
            + group
            + ", 2, 1, 'N', '', 'by the old one', now())",
        "UPDATE chat_conversation_counters SET members_rev = 2 WHERE conversation_id = " + group);

    assertThat(chat.rev(group)).isEqualTo(2);
    assertThat(chat.conversations().find(List.of(group)).get(group).rev()).isEqualTo(2);
    assertThat(chat.conversations().memberships(ADA, List.of(group)).get(0).rev()).isEqualTo(2);
    assertThat(chat.append(chat.drafts().edit(group, 1, ADA, "new")))
        .isInstanceOfSatisfying(
            Changed.class, made -> assertThat(made.change().rev()).isEqualTo(3));
    assertThat(chat.change(group, StoreFixture.renamed("by the new one")))
        .singleElement()
        .satisfies(change -> assertThat(change.rev()).isEqualTo(4));
  }

  // ---- what is stored

  @Test
  void noTableHasTheTextOfADeletedMessage() throws SQLException {
    UserId mentioned = UserId.of("mentioned");
    ConversationId group = chat.group(ADA, mentioned);
    chat.append(
        chat.drafts()
            .draft(group, ADA)
            .text("first secret")
            .mentions(mentioned)
            .attributes("secret attributes")
            .build());
    MessageEdit edit = new MessageEdit("second secret", List.of(mentioned), "secret attributes");
    chat.append(new Edit(group, 1, ADA, edit, chat.drafts().now()));
    List<String> tables =
        texts("SELECT relname FROM pg_class WHERE relname LIKE 'chat\\_%' AND relkind = 'r'");
    assertThat(tables).containsAll(StoreSchema.TABLES);
    assertThat(rowsWithSecrets(tables)).as("with the edit").hasSize(1);
    assertThat(rowsWithSecrets(tables).get(0)).contains("second").doesNotContain("first");
    assertThat(texts("SELECT user_id FROM chat_mentions")).containsExactly("mentioned");

    chat.append(chat.drafts().deletion(group, 1, ADA));

    assertThat(rowsWithSecrets(tables)).isEmpty();
    assertThat(texts("SELECT user_id FROM chat_mentions")).isEmpty();
    assertThat(chat.messages(group)).singleElement().matches(Message::deleted);
    assertThat(texts("SELECT deleted_at::text FROM chat_messages WHERE deleted_at IS NOT NULL"))
        .hasSize(1);
  }

  @Test
  void noTableHasTheReactionsToADeletedMessage() throws SQLException {
    ConversationId group = chat.group(ADA);
    chat.send(group, ADA, 1);
    Emoji emoji = Emoji.of("\uD83E\uDD2B");
    Emoji other = Emoji.of("\uD83E\uDD10");
    chat.append(chat.drafts().reaction(group, 1, ADA, emoji));
    chat.append(chat.drafts().reaction(group, 1, ADA, other));
    chat.append(chat.drafts().takenBack(group, 1, ADA, other));
    assertThat(rowsWith(emoji)).hasSize(2);
    assertThat(rowsWith(other)).as("as one that is not active").hasSize(1);

    chat.append(chat.drafts().deletion(group, 1, ADA));

    assertThat(rowsWith(emoji)).isEmpty();
    assertThat(rowsWith(other)).isEmpty();
  }

  private List<String> rowsWith(Emoji emoji) throws SQLException {
    List<String> found = new ArrayList<>();
    for (String table : StoreSchema.TABLES) {
      found.addAll(
          texts("SELECT t::text FROM " + table + " t WHERE t::text LIKE '%" + emoji + "%'"));
    }
    return found;
  }

  @Test
  void aDeletedConversationIsErasedWithItsMentions() throws SQLException {
    UserId mentioned = UserId.of("mentioned");
    ConversationId group = chat.group(ADA, mentioned);
    ConversationId other = chat.group(ADA, mentioned);
    for (ConversationId each : List.of(group, group, group, other)) {
      chat.append(chat.drafts().draft(each, ADA).mentions(mentioned).build());
    }
    chat.conversations().delete(group, ADA, chat.drafts().now());

    int rounds = 1;
    while (chat.conversations().erase(group, 2)) {
      rounds++;
    }

    assertThat(rounds).as("two of each in a transaction").isEqualTo(3);
    assertThat(texts("SELECT conversation_id::text FROM chat_mentions"))
        .containsExactly(other.toString());
    assertThat(chat.conversations().unerased(10)).isEmpty();
  }

  /** When a transaction ends with the last row that it may erase, there may be more. */
  @Test
  void aDeletedConversationIsErasedWithItsReactions() throws SQLException {
    UserId bob = UserId.of("bob");
    UserId cleo = UserId.of("cleo");
    ConversationId group = chat.group(ADA, bob, cleo);
    chat.send(group, ADA, 2);
    Emoji emoji = Emoji.of("👍");
    for (UserId user : List.of(ADA, bob, cleo)) {
      chat.append(chat.drafts().reaction(group, 1, user, emoji));
    }
    chat.append(chat.drafts().reaction(group, 2, ADA, emoji));
    chat.conversations().delete(group, ADA, chat.drafts().now());

    int rounds = 1;
    while (chat.conversations().erase(group, 3)) {
      rounds++;
    }

    assertThat(rounds).isEqualTo(2);
    assertThat(texts("SELECT seq::text FROM chat_reactions")).isEmpty();
  }

  private List<String> rowsWithSecrets(List<String> tables) throws SQLException {
    List<String> found = new ArrayList<>();
    for (String table : tables) {
      found.addAll(texts("SELECT t::text FROM " + table + " t WHERE t::text LIKE '%secret%'"));
    }
    return found;
  }

  // ---- cost

  @Test
  void sendsTakeTwoStatementsAndAnyNumberOfChangesFive() {
    List<ConversationId> groups = List.of(chat.group(ADA), chat.group(ADA));
    List<Draft> drafts = new ArrayList<>();
    for (ConversationId group : groups) {
      for (int i = 0; i < 10; i++) {
        drafts.add(chat.drafts().draft(group, ADA).verifiedRev(0).build());
      }
    }
    statements.clear();
    assertThat(chat.append(drafts)).allMatch(Stored.class::isInstance);
    assertThat(statements).filteredOn(sql -> !sql.equals(InterceptedDataSource.END)).hasSize(2);
    assertThat(statements).noneMatch(sql -> sql.contains(" rev"));

    List<Edit> edits = new ArrayList<>();
    for (int i = 0; i < drafts.size(); i++) {
      ConversationId group = drafts.get(i).conversation();
      edits.add(chat.drafts().edit(group, 1 + i % 10, ADA, "edited"));
    }
    statements.clear();
    assertThat(chat.append(edits)).allMatch(Changed.class::isInstance);
    assertThat(statements)
        .as("lock; roles; messages; changes; counters")
        .filteredOn(sql -> !sql.equals(InterceptedDataSource.END))
        .hasSize(5);
  }

  @Test
  void anyNumberOfReactionsTakesFiveStatementsAndWritesTheMessageOnce() throws SQLException {
    List<UserId> users = IntStream.range(0, 300).mapToObj(i -> UserId.of("fan" + i)).toList();
    ConversationId group = chat.group(ADA, users.toArray(UserId[]::new));
    chat.send(group, ADA, 1);
    Emoji emoji = Emoji.of("\uD83D\uDC4D");
    String ofGroup = " FROM chat_messages WHERE conversation_id = " + group;
    String version = texts("SELECT ctid::text" + ofGroup).get(0);
    statements.clear();

    assertThat(
            chat.append(
                users.stream().map(user -> chat.drafts().reaction(group, 1, user, emoji)).toList()))
        .allMatch(Changed.class::isInstance);

    assertThat(statements)
        .as("lock; roles; messages and reactions; changes; counters")
        .filteredOn(sql -> !sql.equals(InterceptedDataSource.END))
        .hasSize(5);
    assertThat(statements).noneMatch(sql -> sql.contains("body = d.b"));
    assertThat(texts("SELECT ctid::text" + ofGroup)).doesNotContain(version);
    assertThat(texts("SELECT reactions" + ofGroup)).containsExactly(emoji + " 300");
  }

  @Test
  void repliesTakeTheRoundTripsOfPlainSendsAndAPageOneMore() {
    ConversationId group = chat.group(ADA);
    chat.send(group, ADA, 5);
    statements.clear();
    chat.store().before(group, 6, 5);
    assertThat(statements).as("nothing is answered").hasSize(1);
    List<Draft> drafts = new ArrayList<>();
    for (int i = 1; i <= 5; i++) {
      drafts.add(chat.drafts().draft(group, ADA).replyTo(i).verifiedRev(0).build());
    }
    statements.clear();
    assertThat(chat.append(drafts)).allMatch(Stored.class::isInstance);
    assertThat(statements).filteredOn(sql -> !sql.equals(InterceptedDataSource.END)).hasSize(2);
    statements.clear();
    assertThat(chat.store().before(group, 11, 10)).hasSize(10);
    assertThat(statements).hasSize(2);
  }

  // ---- locks and transactions

  @Test
  void allWritesToALockedConversationAreLockedAndTheOthersAreMade() throws SQLException {
    ConversationId held = chat.group(ADA);
    ConversationId free = chat.group(ADA);
    chat.send(held, ADA, 1);
    Drafts drafts = chat.drafts();
    List<AppendOutcome> outcomes;
    List<AppendOutcome> waited;
    try (Connection connection = database.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.execute(
            "SELECT FROM chat_conversation_counters WHERE conversation_id = "
                + held
                + " FOR NO KEY UPDATE");
      }
      outcomes =
          chat.append(
              List.of(
                  drafts.edit(held, 1, ADA, "x"),
                  drafts.text(free, ADA, "text"),
                  drafts.text(held, ADA, "text"),
                  drafts.edit(free, 1, ADA, "edited"),
                  drafts.deletion(held, 1, ADA),
                  drafts.deletion(ConversationId.of(77), 1, ADA)));
      waited =
          chat.store()
              .append(
                  List.of(drafts.edit(held, 1, ADA, "x"), drafts.deletion(held, 1, ADA)),
                  Duration.ofMillis(20));
      connection.rollback();
    }
    assertThat(kinds(outcomes))
        .containsExactly("Locked", "Stored", "Locked", "Changed", "Locked", "NoSuchConversation");
    assertThat(waited).containsExactly(new Locked(), new Locked());
    assertThat(chat.messages(held)).singleElement().matches(message -> message.rev() == 0);
    assertThat(chat.append(drafts.edit(held, 1, ADA, "x"))).isInstanceOf(Changed.class);
  }

  @Test
  void aChangeInATransactionOfTheApplicationIsToldByTheComparisonAndHasNoNote()
      throws SQLException {
    ConversationId group = chat.group(ADA);
    chat.send(group, ADA, 1);
    Mark mark = chat.store().writesSince(null).mark();
    PostgresMessageStore store = (PostgresMessageStore) chat.store();
    try (Connection connection = database.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      StoreTransaction transaction = store.join(connection, Duration.ofSeconds(5));
      assertThat(transaction.append(chat.drafts().edit(group, 1, ADA, "edited")))
          .isInstanceOf(Changed.class);
      assertThat(
              transaction.change(
                  group, 0, List.of(StoreFixture.renamed("x")), ADA, chat.drafts().now()))
          .hasValueSatisfying(
              made -> assertThat(made.changes()).singleElement().matches(c -> c.rev() == 2));
      assertThat(transaction.append(chat.drafts().deletion(group, 1, ADA)))
          .isInstanceOf(Changed.class);
      assertThat(chat.messages(group)).singleElement().matches(message -> message.rev() == 0);
      connection.commit();
      assertThat(kinds(transaction.committed())).containsExactly("Changed", "Changed");
    }
    assertThat(chat.messages(group)).singleElement().matches(message -> message.rev() == 3);
    assertThat(store.unpublished(Duration.ofDays(-1), 9)).isEmpty();
    Writes writes = chat.store().writesSince(mark);
    assertThat(writes.revs()).containsEntry(group, 3L);
  }

  @Test
  void aChangeInATransactionThatIsRolledBackNeverWas() throws SQLException {
    ConversationId group = chat.group(ADA);
    chat.send(group, ADA, 1);
    PostgresMessageStore store = (PostgresMessageStore) chat.store();
    try (Connection connection = database.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      store.join(connection, Duration.ofSeconds(5)).append(chat.drafts().deletion(group, 1, ADA));
      connection.rollback();
    }
    assertThat(chat.messages(group)).singleElement().matches(message -> message.rev() == 0);
    assertThat(chat.conversations().changes(group, 0, 9)).isEmpty();
  }
}
