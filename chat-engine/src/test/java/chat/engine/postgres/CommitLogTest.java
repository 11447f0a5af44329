package chat.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.contract.StoreFixture;
import chat.engine.spi.Draft;
import chat.engine.spi.MessageStore;
import chat.engine.spi.MessageStore.Mark;
import chat.engine.spi.MessageStore.Writes;
import chat.engine.spi.TransactionalStore;
import chat.engine.testing.PrivatePostgres;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Transactions that take long, and a log that forgets. */
@Timeout(120)
final class CommitLogTest {
  private static final Duration RETENTION = Duration.ofMinutes(10);

  private final TestDatabase database = TestPostgres.freshDatabase();
  private final StoreFixture chat = new StoreFixture(this::open);
  private final UserId ada = chat.user("ada");
  private final ConversationId group = chat.group(ada);

  private MessageStore open() {
    return PostgresMessageStore.open(database.jdbcUrl(), database.user(), database.password(), 4);
  }

  @AfterEach
  void close() {
    chat.close();
    database.close();
  }

  // ---- in short

  private Writes since(Mark mark) {
    return chat.store().writesSince(mark);
  }

  private Mark mark() {
    return chat.store().writesSince(null).mark();
  }

  private Connection begin() throws SQLException {
    Connection connection = database.dataSource().getConnection();
    connection.setAutoCommit(false);
    return connection;
  }

  private void append(Connection transaction, ConversationId conversation) {
    Draft draft = chat.drafts().text(conversation, ada, "in a transaction of the application");
    ((TransactionalStore) chat.store()).join(transaction, Duration.ofMinutes(5)).append(draft);
  }

  /** Digits of other scripts are none to PostgreSQL. */
  @Test
  void theLocaleOfTheProcessDoesNotMatter() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG"));
    try {
      Mark earlier = mark();
      chat.send(group, ada, 1);
      assertThat(since(earlier).lastSeqs()).containsKey(group);
    } finally {
      Locale.setDefault(before);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private long count(String table) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM " + table)) {
      row.next();
      return row.getLong(1);
    }
  }

  /** As if that much time had passed for the log. */
  private void pass(Duration time) throws SQLException {
    execute(
        "UPDATE chat_commit_horizons SET made_at = made_at - interval '"
            + time.toMillis()
            + " milliseconds'");
  }

  // ---- transactions

  @Test
  void whatBeganBeforeTheMarkAndCommittedAfterItIsTold() throws SQLException {
    try (Connection late = begin()) {
      append(late, group);
      Mark mark = mark();
      assertThat(since(mark).lastSeqs()).isEmpty();
      late.commit();
      assertThat(since(mark).lastSeqs()).containsExactly(Map.entry(group, 1L));
      assertThat(since(mark()).lastSeqs()).isEmpty();
    }
  }

  @Test
  void aLongTransactionIsToldOnceItCommitsHoweverManyMarksItSpans() throws SQLException {
    ConversationId busy = chat.group(ada);
    try (Connection late = begin()) {
      append(late, group);
      Mark mark = mark();
      for (int minute = 0; minute < 30; minute++) {
        chat.send(busy, ada, 1);
        pass(Duration.ofMinutes(1));
        Writes writes = since(mark);
        assertThat(writes.complete()).isTrue();
        assertThat(writes.lastSeqs()).containsOnlyKeys(busy);
        mark = writes.mark();
      }
      late.commit();
      Writes writes = since(mark);
      assertThat(writes.complete()).isTrue();
      assertThat(writes.lastSeqs()).containsExactly(Map.entry(group, 1L));
      assertThat(since(writes.mark()).lastSeqs()).isEmpty();
    }
  }

  @Test
  void whatIsRolledBackIsNeverTold() throws SQLException {
    Mark mark = mark();
    try (Connection aborted = begin()) {
      append(aborted, group);
      Mark during = mark();
      aborted.rollback();
      assertThat(since(mark).lastSeqs()).isEmpty();
      assertThat(since(during).lastSeqs()).isEmpty();
    }
  }

  @Test
  void whatIsWrittenInASavepointIsTold() throws SQLException {
    Mark mark = mark();
    try (Connection transaction = begin()) {
      transaction.createStatement().execute("CREATE TABLE orders (id int)");
      transaction.setSavepoint();
      append(transaction, group);
      transaction.commit();
    }
    assertThat(since(mark).lastSeqs()).containsEntry(group, 1L);
  }

  // ---- forgetting

  @Test
  void whatIsOlderThanTheRetentionIsForgottenAndMarksBeforeItAreToldSo() throws SQLException {
    Mark old = mark();
    chat.send(group, ada, 1);
    since(mark()); // notes no horizon yet: the first is as old as the database
    pass(Duration.ofMinutes(2));
    since(mark());
    Mark young = mark();
    long before = count("chat_commits");
    assertThat(before).isPositive();

    pass(RETENTION.minusSeconds(1));
    since(young);
    assertThat(count("chat_commits")).isEqualTo(before);
    assertThat(since(old).complete()).isTrue();
    assertThat(since(old).lastSeqs()).containsEntry(group, 1L);

    pass(Duration.ofMinutes(2));
    since(young);
    assertThat(count("chat_commits")).isZero();
    assertThat(since(old).complete()).isFalse();
    assertThat(since(young).complete()).isTrue();
    chat.send(group, ada, 1);
    assertThat(since(young).lastSeqs()).containsEntry(group, 2L);
    assertThat(since(old).lastSeqs()).containsEntry(group, 2L);
  }

  @Test
  void theHorizonsDoNotPileUp() throws SQLException {
    for (int minute = 0; minute < 60; minute++) {
      pass(Duration.ofMinutes(1));
      chat.send(group, ada, 1);
      since(mark());
      since(mark());
    }
    assertThat(count("chat_commit_horizons")).isBetween(10L, 14L);
    assertThat(count("chat_commits")).isBetween(9L, 14L);
  }

  @Test
  void aClockThatWasAheadDoesNotKeepTheLogForAsLong() throws SQLException {
    chat.send(group, ada, 1);
    pass(Duration.ofMinutes(2));
    since(mark());
    pass(Duration.ofDays(-365)); // all horizons lie a year ahead
    since(mark());
    pass(RETENTION.plusMinutes(2));
    since(mark());
    assertThat(count("chat_commits")).isZero();
  }

  @Test
  void whileOneNodePrunesTheOthersGoOn() throws SQLException {
    pass(Duration.ofMinutes(2));
    try (Connection other = begin()) {
      other.createStatement().execute("SELECT pg_advisory_xact_lock(x'636861747072756E'::bigint)");
      long before = count("chat_commit_horizons");
      chat.send(group, ada, 1);
      since(mark());
      assertThat(count("chat_commit_horizons")).isEqualTo(before);
      other.rollback(); // a server notices later that a connection was closed
    }
    since(mark());
    assertThat(count("chat_commit_horizons")).isEqualTo(2);
  }

  // ---- other servers

  @Test
  void whatARestoredBackupBringsFromAServerWithHigherTransactionIdsIsDeleted() throws SQLException {
    execute(
        "INSERT INTO chat_commits (xid, kind, conversation_ids, numbers)"
            + " VALUES ('99999999999', 'M', '{7}', '{7}')");
    execute(
        "INSERT INTO chat_commit_horizons VALUES"
            + " (clock_timestamp() - interval '1 hour', '99999999999', true)");
    Mark mark;
    try (MessageStore reopened = open()) {
      mark = reopened.writesSince(null).mark();
    }
    assertThat(count("chat_commits WHERE xid = '99999999999'")).isZero();
    Writes writes = since(mark);
    assertThat(writes.complete()).isTrue();
    assertThat(writes.lastSeqs()).isEmpty();
  }

  @Test
  void afterAStartOrACrashOfTheServerAllThatIsRememberedIsTold() throws Exception {
    try (PrivatePostgres server = TestPostgres.startPrivate();
        TestDatabase own = server.chatDatabase();
        PostgresMessageStore store =
            PostgresMessageStore.open(own.jdbcUrl(), own.user(), own.password(), 3)) {
      ConversationId restarted =
          new StoreFixture(() -> store).group(ada); // its creation is in the log
      Mark mark = store.writesSince(null).mark();
      assertThat(store.writesSince(mark).revs()).isEmpty();
      server.restart();
      Writes afterRestart = untilTold(() -> store.writesSince(mark));
      assertThat(afterRestart.complete()).isTrue();
      assertThat(afterRestart.revs()).containsKey(restarted);
      assertThat(store.writesSince(afterRestart.mark()).revs()).isEmpty();

      crashOneBackend(own);
      Writes afterCrash = untilTold(() -> store.writesSince(afterRestart.mark()));
      assertThat(afterCrash.revs()).containsKey(restarted);
      assertThat(store.writesSince(afterCrash.mark()).revs()).isEmpty();
    }
  }

  /** The server ends all other processes then, and recovers, without a new postmaster. */
  private static void crashOneBackend(TestDatabase database) throws Exception {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
      row.next();
      ProcessHandle.of(row.getLong(1)).orElseThrow().destroyForcibly();
    }
  }

  private static Writes untilTold(Callable<Writes> call) {
    return await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptions()
        .until(call, writes -> !writes.revs().isEmpty());
  }
}
