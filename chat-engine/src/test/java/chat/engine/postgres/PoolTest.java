package chat.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.postgres.connection.PostgresErrors;
import chat.engine.spi.StoreBusyException;
import chat.engine.spi.StoreUnavailableException;
import chat.engine.testing.PrivatePostgres;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import com.zaxxer.hikari.HikariDataSource;
import java.net.ConnectException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientConnectionException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A pool that has nothing to give is told from a database that is away. */
@Timeout(120)
final class PoolTest {
  private static final int SIZE = 4;
  private static final List<ConversationId> NONE = List.of(ConversationId.of(1));

  private static HikariDataSource pool(TestDatabase database) {
    HikariDataSource pool = new HikariDataSource();
    pool.setJdbcUrl(database.jdbcUrl());
    pool.setUsername(database.user());
    pool.setPassword(database.password());
    pool.setMaximumPoolSize(SIZE);
    pool.setConnectionTimeout(500);
    pool.setValidationTimeout(400);
    return pool;
  }

  @Test
  void aPoolThatTheApplicationExhaustedIsBusyAndWorksAgainOnceItGivesBack() throws SQLException {
    try (TestDatabase database = TestPostgres.chatDatabase();
        HikariDataSource pool = pool(database);
        PostgresMessageStore store = PostgresMessageStore.open(pool)) {
      List<Connection> taken = new ArrayList<>();
      for (int i = 0; i < SIZE; i++) {
        taken.add(pool.getConnection());
      }
      assertThatThrownBy(() -> store.lastSeqs(NONE))
          .isInstanceOf(StoreBusyException.class)
          .hasMessageContainingAll("no connection from the pool within", "the pool is exhausted");
      assertThatThrownBy(
              () ->
                  store
                      .conversations()
                      .openDirect(
                          ConversationId.of(1), UserId.of("a"), UserId.of("b"), Instant.EPOCH))
          .isInstanceOf(StoreBusyException.class);
      for (Connection connection : taken) {
        connection.close();
      }
      assertThat(store.lastSeqs(NONE)).isEmpty();
    }
  }

  @Test
  void aServerThatIsAwayIsUnavailable() {
    try (PrivatePostgres server = TestPostgres.startPrivate();
        HikariDataSource pool = pool(server.chatDatabase());
        PostgresMessageStore store = PostgresMessageStore.open(pool)) {
      server.kill();
      for (int i = 0; i < 4; i++) {
        assertThatThrownBy(() -> store.lastSeqs(NONE))
            .isInstanceOf(StoreUnavailableException.class);
      }
    }
  }

  @Test
  void aPoolWhoseConnectionsAllWaitForADatabaseThatDoesNotAnswerIsUnavailable() throws Exception {
    CountDownLatch answers = new CountDownLatch(1);
    try (TestDatabase database = TestPostgres.chatDatabase();
        HikariDataSource pool = pool(database)) {
      CountDownLatch silent = new CountDownLatch(SIZE);
      PostgresMessageStore store =
          PostgresMessageStore.open(
              InterceptedDataSource.of(
                  pool,
                  (connection, sql) -> {
                    if (sql.contains("chat_conversation_counters")) {
                      silent.countDown();
                      answers.await();
                    }
                  }));
      List<CompletableFuture<?>> calls = new ArrayList<>();
      for (int i = 0; i < SIZE; i++) {
        calls.add(
            CompletableFuture.supplyAsync(
                () -> store.lastSeqs(NONE), task -> new Thread(task).start()));
      }
      assertThat(silent.await(30, TimeUnit.SECONDS)).isTrue();
      assertThatThrownBy(() -> store.lastSeqs(NONE)).isInstanceOf(StoreUnavailableException.class);
      answers.countDown();
      for (CompletableFuture<?> call : calls) {
        call.get(30, TimeUnit.SECONDS);
      }
    }
  }

  // ---- by the error

  private static final class PoolExhaustedException extends SQLException {
    private static final long serialVersionUID = 1;
  }

  @Test
  void thePoolsOfOthersAreUnderstood() {
    List<Throwable> exhausted =
        List.of(
            new SQLTransientConnectionException("HikariCP"),
            new IllegalStateException(new SQLTransientConnectionException("wrapped")),
            new PoolExhaustedException(),
            new SQLException("Agroal", new TimeoutException()),
            new SQLException("DBCP", new NoSuchElementException()),
            new SQLTimeoutException("Oracle UCP"));
    assertThat(exhausted).allMatch(PostgresErrors::isPoolExhausted);
    List<Throwable> others =
        List.of(
            new SQLTransientConnectionException("away", "08001"),
            new SQLTransientConnectionException("refused", new ConnectException()),
            new SQLTransientConnectionException("down", new SQLException("shut down", "57P03")),
            new SQLException("some other fault"),
            new IllegalStateException("no SQL at all"));
    assertThat(others).noneMatch(PostgresErrors::isPoolExhausted);
  }
}
