package chat.engine.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.ErrorCode;
import chat.engine.GroupKey;
import chat.engine.HistoryQuery;
import chat.engine.Message;
import chat.engine.NewMessage;
import chat.engine.Role;
import chat.engine.TransactionalChat;
import chat.engine.UserId;
import chat.engine.postgres.PostgresMessageStore;
import chat.engine.spi.MessageStore;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.postgresql.jdbc.PgConnection;

final class PostgresMembershipTest extends MembershipTests {
  private final TestDatabase database = TestPostgres.chatDatabase();

  PostgresMembershipTest() throws SQLException {
    try (Connection connection = database.dataSource().getConnection()) {
      execute(connection, "CREATE TABLE project_members (project text, name text, role text)");
    }
  }

  @Override
  MessageStore openStore() {
    return PostgresMessageStore.open(database.jdbcUrl(), database.user(), database.password(), 6);
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

  @Override
  Map<UserId, Role> rows(GroupKey key, @Nullable Connection transaction) throws SQLException {
    if (transaction == null) {
      try (Connection connection = connection()) {
        return rows(key, connection);
      }
    }
    try (PreparedStatement statement =
        transaction.prepareStatement("SELECT name, role FROM project_members WHERE project = ?")) {
      statement.setString(1, key.value());
      Map<UserId, Role> found = new HashMap<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          found.put(UserId.of(rows.getString(1)), Role.valueOf(rows.getString(2)));
        }
      }
      return found;
    }
  }

  @Override
  void write(GroupKey key, Map<UserId, Role> members, @Nullable Connection transaction)
      throws SQLException {
    if (transaction == null) {
      try (Connection connection = connection()) {
        write(key, members, connection);
        connection.commit();
        return;
      }
    }
    try (PreparedStatement delete =
            transaction.prepareStatement("DELETE FROM project_members WHERE project = ?");
        PreparedStatement insert =
            transaction.prepareStatement("INSERT INTO project_members VALUES (?, ?, ?)")) {
      delete.setString(1, key.value());
      delete.executeUpdate();
      for (Map.Entry<UserId, Role> member : members.entrySet()) {
        insert.setString(1, key.value());
        insert.setString(2, member.getKey().value());
        insert.setString(3, member.getValue().name());
        insert.executeUpdate();
      }
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private void awaitLockWait() {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              try (Connection connection = database.dataSource().getConnection();
                  Statement statement = connection.createStatement();
                  ResultSet row =
                      statement.executeQuery(
                          "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                              + " AND wait_event_type = 'Lock'")) {
                row.next();
                assertThat(row.getInt(1)).isPositive();
              }
            });
  }

  // ---- races

  @Test
  void whoIsRemovedInATransactionStoresNothingAfterItsCommit() throws Exception {
    ConversationId group = project(plain(ADA, BOB));
    for (int round = 0; round < 8; round++) {
      AtomicBoolean over = new AtomicBoolean();
      CompletableFuture<Integer> sender =
          CompletableFuture.supplyAsync(() -> sendUntil(group, over));
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  !north
                      .asUser(BOB)
                      .history(group, HistoryQuery.newest())
                      .join()
                      .messages()
                      .isEmpty());
      long last;
      try (Connection connection = connection()) {
        TransactionalChat chat = north.transactional(connection);
        write(KEY, plain(ADA), connection);
        chat.refreshMembers(KEY);
        connection.commit();
        last = lastOf(BOB, group); // before the publication: nothing but the commit counts
        chat.publish().join();
      }
      over.set(true);
      assertThat(sender.get()).isPositive(); // refusals, since it sent on after the commit
      assertThat(lastOf(BOB, group)).isEqualTo(last);
      write(KEY, plain(ADA, BOB), null);
      get(south.asApplication().refreshMembers(KEY));
      get(south.asUser(BOB).send(group, NewMessage.text("back")));
    }
  }

  /** Sends as Bob on both nodes until it is over, and at least until the first refusal. */
  private int sendUntil(ConversationId group, AtomicBoolean over) {
    int refusals = 0;
    for (int i = 0; !over.get() || refusals == 0; i++) {
      try {
        (i % 2 == 0 ? south : north).asUser(BOB).send(group, NewMessage.text("b" + i)).join();
      } catch (CompletionException refusal) {
        assertThat(((ChatException) refusal.getCause()).code()).isEqualTo(ErrorCode.NOT_FOUND);
        refusals++;
      }
    }
    return refusals;
  }

  private long lastOf(UserId user, ConversationId group) {
    return get(north.asApplication().history(group, HistoryQuery.newest().limit(100)))
        .messages()
        .stream()
        .filter(message -> message.from().equals(user))
        .mapToLong(Message::seq)
        .max()
        .orElse(0);
  }

  /** The creator asked before the rows changed, and the refresh finds no group yet. */
  @Test
  void aRefreshWaitsForTheTransactionThatCreatesTheGroup() throws Exception {
    write(KEY, plain(ADA), null);
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch proceed = new CountDownLatch(1);
    AtomicReference<@Nullable Thread> creator = new AtomicReference<>();
    answerInstead(
        (key, transaction) -> {
          Map<UserId, Role> answer = rows(key, transaction);
          if (creator.compareAndSet(null, Thread.currentThread())) {
            asked.countDown();
            awaitStubbornly(proceed);
          }
          return answer;
        });
    try (Connection creating = connection();
        Connection changing = connection()) {
      TransactionalChat creation = north.transactional(creating);
      CompletableFuture<Conversation> created =
          CompletableFuture.supplyAsync(
              () -> {
                Conversation group = creation.ensureGroup(KEY, PROJECT);
                commit(creating);
                return group;
              });
      asked.await();
      write(KEY, plain(ADA, BOB), changing);
      CompletableFuture<?> refreshed =
          CompletableFuture.runAsync(
              () -> {
                south.transactional(changing).refreshMembers(KEY);
                commit(changing);
              });
      try {
        awaitLockWait();
      } finally {
        proceed.countDown();
      }
      refreshed.join();

      assertThat(roles(created.join().id())).isEqualTo(plain(ADA, BOB));
    }
  }

  private static void commit(Connection connection) {
    try {
      connection.commit();
    } catch (SQLException fault) {
      throw new IllegalStateException(fault);
    }
  }

  /** A refresh that waits asks when it has the lock, so it sees what was committed meanwhile. */
  @Test
  void aRefreshThatWaitedForAnotherStoresTheNewestAnswer() throws Exception {
    ConversationId group = project(plain(ADA));
    try (Connection connection = database.dataSource().getConnection()) {
      execute(
          connection,
          "ALTER DATABASE "
              + database.name()
              + " SET default_transaction_isolation = 'repeatable read'");
    }
    ChatEngine later = anotherNode(); // with connections of that default
    try (Connection holding = connection()) {
      TransactionalChat chat = south.transactional(holding);
      chat.rename(group, "locked");
      CompletableFuture<?> waiting = later.asApplication().refreshMembers(KEY);
      awaitLockWait();
      write(KEY, plain(BOB), null);
      holding.rollback();
      get(waiting);
    }
    assertThat(roles(group)).isEqualTo(plain(BOB));
  }

  // ---- what hangs

  @Test
  void aStatementThatHangsIsEndedAndItsConnectionServesNobodyAgain() throws Exception {
    ConversationId group = project(plain(ADA));
    ChatEngine impatient = impatientNode();
    List<Connection> used = new ArrayList<>();
    answerInstead(
        (key, transaction) -> {
          if (transaction != null) {
            synchronized (used) {
              used.add(transaction.unwrap(PgConnection.class)); // not the pool's handle
            }
            execute(transaction, "SELECT pg_sleep(100)");
          }
          return plain(EVE);
        });
    for (int i = 0; i < 2; i++) {
      refused(ErrorCode.INTERNAL, () -> get(impatient.asApplication().refreshMembers(KEY)));
    }
    answerTheRows();
    get(south.asUser(ADA).send(group, NewMessage.text("unlocked")));
    write(KEY, plain(ADA, BOB), null);
    get(impatient.asApplication().refreshMembers(KEY));

    assertThat(roles(group)).isEqualTo(plain(ADA, BOB));
    synchronized (used) {
      assertThat(used).hasSize(2);
      for (Connection connection : used) {
        assertThat(connection.isClosed()).isTrue();
      }
    }
  }

  @Test
  void aStatementThatFailsIsItsFaultAndNotTheStores() throws Exception {
    ConversationId group = project(plain(ADA));
    for (String sql :
        List.of(
            "SELECT * FROM no_such_table",
            "SET LOCAL statement_timeout = 1; SELECT pg_sleep(10)",
            "COMMIT; SELECT 1 / 0")) {
      answerInstead(
          (key, transaction) -> {
            execute(Objects.requireNonNull(transaction), sql);
            return plain(EVE);
          });
      refused(ErrorCode.INTERNAL, () -> get(north.asApplication().refreshMembers(KEY)));
    }
    answerInstead(
        (key, transaction) -> {
          Objects.requireNonNull(transaction).close();
          return plain(EVE);
        });
    assertThatThrownBy(() -> get(north.asApplication().refreshMembers(KEY)))
        .hasMessageContaining("closed the connection");
    assertThat(roles(group)).isEqualTo(plain(ADA));
    assertThat(north.health().store()).isTrue();

    try (Connection connection = connection()) {
      answerInstead(
          (key, transaction) -> {
            execute(Objects.requireNonNull(transaction), "SELECT * FROM no_such_table");
            return plain(EVE);
          });
      TransactionalChat chat = north.transactional(connection);
      refused(ErrorCode.INTERNAL, () -> chat.refreshMembers(KEY));
      connection.rollback();
      answerTheRows();
      write(KEY, plain(BOB), connection);
      chat.refreshMembers(KEY);
      connection.commit();
    }
    assertThat(roles(group)).isEqualTo(plain(BOB));
  }
}
