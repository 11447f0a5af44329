package chat.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.contract.StoreFixture;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.Draft;
import chat.engine.spi.StoreInDoubtException;
import chat.engine.spi.StoreUnavailableException;
import chat.engine.testing.Logged;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A store that is closed, or loses its connections, while calls are under way. */
@Timeout(120)
final class StoreEndTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  private final TestDatabase database = TestPostgres.chatDatabase();
  private final StoreFixture chat = new StoreFixture(() -> openStore());
  private final UserId ada = chat.user("ada");
  private final ConversationId group = chat.group(ada);
  private final PostgresMessageStore ended = openStore();

  @AfterEach
  void close() {
    ended.close();
    chat.close();
    database.close();
  }

  private PostgresMessageStore openStore() {
    return PostgresMessageStore.open(database.jdbcUrl(), database.user(), database.password());
  }

  private Draft verified() {
    return chat.drafts().draft(group, ada).verifiedRev(0).build();
  }

  /** An append that is under way until the lock is given back. */
  private CompletableFuture<List<AppendOutcome>> appendUnderWay(Connection lock)
      throws SQLException {
    lock.setAutoCommit(false);
    try (Statement statement = lock.createStatement()) {
      statement.execute("LOCK TABLE chat_messages IN EXCLUSIVE MODE");
    }
    CompletableFuture<List<AppendOutcome>> append =
        CompletableFuture.supplyAsync(() -> ended.append(List.of(verified()), LONG));
    await().atMost(LONG).until(this::somebodyWaitsForALock);
    return append;
  }

  private boolean somebodyWaitsForALock() throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM pg_locks WHERE NOT granted")) {
      return row.next() && row.getInt(1) > 0;
    }
  }

  @Test
  void aCloseWaitsForCallsUnderWay() throws SQLException {
    try (Connection lock = database.dataSource().getConnection();
        Logged logged = Logged.below("com.zaxxer.hikari")) {
      CompletableFuture<List<AppendOutcome>> append = appendUnderWay(lock);
      Thread closing = new Thread(() -> ended.close(LONG));
      closing.start();
      await().atMost(LONG).until(() -> closing.getState() == Thread.State.TIMED_WAITING);
      lock.rollback();
      assertThat(append.join()).containsExactly(new AppendOutcome.Stored(1, 0));
      await().atMost(LONG).until(() -> !closing.isAlive());
      assertThat(logged.warnings()).isEmpty();
    }
  }

  @Test
  void whatACloseCutsOffFailsAndIsNotWarnedOf() throws SQLException {
    try (Connection lock = database.dataSource().getConnection();
        Logged logged = Logged.below("com.zaxxer.hikari")) {
      CompletableFuture<List<AppendOutcome>> append = appendUnderWay(lock);
      ended.close(Duration.ZERO);
      assertThatThrownBy(append::join)
          .cause()
          .isInstanceOfAny(StoreUnavailableException.class, StoreInDoubtException.class);
      assertThat(logged.warnings()).isEmpty();
    }
  }

  @Test
  void aConnectionThatBreaksInTheCommitLeavesItInDoubt() {
    AtomicBoolean breaks = new AtomicBoolean();
    try (PostgresMessageStore unlucky =
        PostgresMessageStore.open(
            InterceptedDataSource.of(
                database.dataSource(),
                (connection, sql) -> {
                  if (breaks.get() && sql.endsWith("COMMIT")) {
                    connection.abort(Runnable::run);
                  }
                }))) {
      breaks.set(true);
      assertThatThrownBy(() -> unlucky.append(List.of(verified()), Duration.ZERO))
          .isInstanceOf(StoreInDoubtException.class);
    }
  }

  /** After the commit nothing may claim that nothing was stored. */
  @Test
  void aConnectionThatBreaksRightAfterTheCommitChangesNoAnswer() {
    AtomicBoolean breaks = new AtomicBoolean();
    try (PostgresMessageStore unlucky =
        PostgresMessageStore.open(
            InterceptedDataSource.of(
                database.dataSource(),
                (connection, sql) -> {
                  if (breaks.get() && sql.equals(InterceptedDataSource.END)) {
                    connection.abort(Runnable::run);
                  }
                }))) {
      breaks.set(true);
      assertThat(unlucky.append(List.of(verified()), Duration.ZERO))
          .as("on the fast path")
          .containsExactly(new AppendOutcome.Stored(1, 0));
      assertThat(unlucky.append(List.of(verified()), LONG))
          .as("on the long way")
          .containsExactly(new AppendOutcome.Stored(2, 0));
      assertThat(chat.messages(group)).hasSize(2);
    }
  }
}
