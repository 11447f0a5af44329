package chat.engine.postgres.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.spi.StoreBusyException;
import chat.engine.spi.StoreInDoubtException;
import chat.engine.spi.StoreUnavailableException;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import chat.engine.testing.Wrapped;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.ds.PGSimpleDataSource;

/** How work on a connection begins and ends, and what is said when it fails. */
@Timeout(60)
final class TransactionsTest {
  private static final Duration SHORT = Duration.ofMillis(20);
  private static final Duration LONG = Duration.ofDays(1);
  private static final Set<String> NOTED = Set.of("commit", "rollback", "close", "setAutoCommit");
  private static final String INSERT = "INSERT INTO things VALUES (1)";
  private static TestDatabase database;

  /** What is done with connections. */
  private final List<String> calls = new CopyOnWriteArrayList<>();

  /** What happens to a connection before a call; may throw. */
  private interface Fault {
    void before(Connection connection, String call) throws SQLException;
  }

  private volatile Fault fault = (connection, call) -> {};
  private final Transactions transactions = new Transactions(noted(serializable()));

  @BeforeAll
  static void createDatabase() {
    database = TestPostgres.freshDatabase();
    execute("CREATE TABLE things (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)");
  }

  @AfterAll
  static void dropDatabase() {
    database.close();
  }

  @BeforeEach
  void empty() {
    execute("TRUNCATE things");
  }

  private static void execute(String sql) {
    try (Connection connection = database.dataSource().getConnection();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException fault) {
      throw new IllegalStateException(fault);
    }
  }

  /** As a pool may be set up. */
  private static DataSource serializable() {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setURL(database.jdbcUrl());
    dataSource.setUser(database.user());
    dataSource.setOptions("-c default_transaction_isolation=serializable");
    return dataSource;
  }

  private DataSource noted(DataSource real) {
    return Wrapped.of(
        DataSource.class, real, (method, arguments, call) -> noted((Connection) call.call()));
  }

  private Connection noted(Connection real) {
    return Wrapped.of(
        Connection.class,
        real,
        (method, arguments, call) -> {
          if (NOTED.contains(method)) {
            String noted = method + (arguments.length == 0 ? "" : " " + arguments[0]);
            calls.add(noted);
            fault.before(real, noted);
          }
          return call.call();
        });
  }

  private int stored() {
    return new Transactions(database.dataSource())
        .read(handle -> handle.select("SELECT count(*) FROM things").mapTo(Integer.class).one());
  }

  private static List<String> settings(Handle handle) {
    return List.of("transaction_isolation", "lock_timeout", "idle_in_transaction_session_timeout")
        .stream()
        .map(name -> handle.select("SHOW " + name).mapTo(String.class).one())
        .toList();
  }

  private static SQLException lost() {
    return new SQLException("lost on purpose", "40001");
  }

  // ---- writing

  @Test
  void aWriteIsOneTransactionWithItsLimits() {
    List<String> settings =
        transactions.write(
            handle -> {
              handle.execute(INSERT);
              return settings(handle);
            });
    assertThat(settings).containsExactly("read committed", "5s", "5s");
    assertThat(calls)
        .containsExactly("setAutoCommit false", "commit", "setAutoCommit true", "close");
    assertThat(stored()).isEqualTo(1);
  }

  @Test
  void aWriteThatFailsStoresNothing() {
    IllegalStateException own = new IllegalStateException("on purpose");
    assertThatThrownBy(
            () ->
                transactions.write(
                    handle -> {
                      handle.execute(INSERT);
                      throw own;
                    }))
        .isSameAs(own);
    assertThat(calls)
        .containsExactly("setAutoCommit false", "rollback", "setAutoCommit true", "close");
    assertThat(stored()).isZero();
    assertThatThrownBy(
            () ->
                transactions.write(
                    handle -> {
                      throw new SQLException("shut down", "57P01");
                    }))
        .isInstanceOf(StoreUnavailableException.class);
  }

  @Test
  void whatLosesAgainstAnotherTransactionIsRepeatedFiveTimesAtMost() {
    AtomicInteger attempts = new AtomicInteger();
    Transactions.Work<Integer> thirdIsGood =
        handle -> {
          if (attempts.incrementAndGet() < 3) {
            throw lost();
          }
          return attempts.get();
        };
    assertThat(transactions.<Integer>write(thirdIsGood)).isEqualTo(3);
    attempts.set(0);
    assertThat(transactions.<Integer>read(thirdIsGood)).isEqualTo(3);
    attempts.set(0);
    Transactions.Work<Integer> neverGood =
        handle -> {
          attempts.incrementAndGet();
          throw lost();
        };
    assertThatThrownBy(() -> transactions.write(neverGood)).hasRootCauseMessage("lost on purpose");
    assertThat(attempts).hasValue(5);
    attempts.set(0);
    assertThatThrownBy(
            () ->
                transactions.read(
                    handle -> {
                      attempts.incrementAndGet();
                      throw new SQLException("another fault", "22001");
                    }))
        .hasRootCauseMessage("another fault");
    assertThat(attempts).hasValue(1);
  }

  @Test
  void aCommitThatBreaksIsInDoubt() {
    fault =
        (connection, call) -> {
          if (call.equals("commit")) {
            connection.abort(Runnable::run);
          }
        };
    assertThatThrownBy(() -> transactions.write(handle -> handle.execute(INSERT)))
        .isInstanceOf(StoreInDoubtException.class)
        .cause()
        .satisfies(cause -> assertThat(cause.getSuppressed()).as("the rollback").hasSize(1));
    assertThat(calls).contains("rollback");
  }

  @Test
  void aCommitThatIsRefusedIsNotInDoubt() {
    assertThatThrownBy(
            () ->
                transactions.write(
                    handle -> {
                      handle.execute(INSERT);
                      return handle.execute(INSERT);
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("duplicate key");
    assertThat(calls)
        .containsExactly(
            "setAutoCommit false", "commit", "rollback", "setAutoCommit true", "close");
  }

  @Test
  void aCommitIsACommitWhateverBecomesOfTheConnection() {
    fault =
        (connection, call) -> {
          if (call.equals("setAutoCommit true")) {
            connection.setAutoCommit(true);
            throw new SQLException("broken on purpose", "08006");
          }
        };
    assertThat(transactions.<Integer>write(handle -> handle.execute(INSERT))).isEqualTo(1);
    assertThat(stored()).isEqualTo(1);
  }

  // ---- the commit behind the last statement

  private String committed(String work, String last) {
    return transactions.writeAndCommit(
        handle -> {
          handle.execute(Transactions.BEGINNING + work);
          return "done";
        },
        (handle, result) -> {
          assertThat(result).isEqualTo("done");
          handle.execute(last + "; COMMIT");
        });
  }

  @Test
  void theLastStatementCarriesTheCommit() {
    assertThat(committed("SELECT 1", INSERT)).isEqualTo("done");
    assertThat(calls).containsExactly("setAutoCommit false", "setAutoCommit true", "close");
    assertThat(stored()).isEqualTo(1);
  }

  @Test
  void whatFailsBeforeTheLastStatementStoresNothing() {
    assertThatThrownBy(() -> committed(INSERT + "; SELECT 1 / 0", "SELECT 1"))
        .hasMessageContaining("division by zero");
    assertThat(calls)
        .containsExactly("setAutoCommit false", "rollback", "setAutoCommit true", "close");
    assertThat(stored()).isZero();
  }

  @Test
  void aLastStatementThatTheServerGivesUpNeverCameToItsCommit() {
    assertThatThrownBy(
            () -> committed(INSERT, "SET LOCAL statement_timeout = 1; SELECT pg_sleep(10)"))
        .isInstanceOf(StoreUnavailableException.class);
    assertThat(calls).contains("rollback");
    assertThat(stored()).isZero();
  }

  @Test
  void aConnectionThatBreaksInTheLastStatementLeavesItInDoubt() {
    SQLException broken = new SQLException("broken on purpose", "08006");
    assertThatThrownBy(
            () ->
                transactions.writeAndCommit(
                    handle -> handle.execute(INSERT),
                    (handle, result) -> {
                      handle.execute("COMMIT");
                      throw broken;
                    }))
        .isInstanceOf(StoreInDoubtException.class);
    assertThat(stored()).isEqualTo(1);
  }

  @Test
  void aCommitBehindTheLastStatementThatIsRefusedIsNotInDoubt() {
    assertThatThrownBy(() -> committed(INSERT, INSERT))
        .hasMessageContaining("duplicate key")
        .isNotInstanceOf(StoreInDoubtException.class);
    assertThat(stored()).isZero();
  }

  // ---- reading

  @Test
  void statementsThatReadCommitByThemselves() {
    assertThat(transactions.<Boolean>read(handle -> handle.getConnection().getAutoCommit()))
        .isTrue();
    assertThat(calls).containsExactly("close");
    assertThatThrownBy(
            () ->
                transactions.read(
                    handle -> {
                      throw new SQLException("shut down", "57P01");
                    }))
        .isInstanceOf(StoreUnavailableException.class);
  }

  @Test
  void pagesAreReadInOneTransaction() {
    assertThat(transactions.readInPages(TransactionsTest::settings))
        .first()
        .isEqualTo("read committed");
    assertThat(calls)
        .containsExactly("setAutoCommit false", "commit", "setAutoCommit true", "close");
    calls.clear();
    assertThatThrownBy(
            () ->
                transactions.readInPages(
                    handle -> {
                      throw new SQLException("shut down", "57P01");
                    }))
        .isInstanceOf(StoreUnavailableException.class);
    assertThat(calls)
        .containsExactly("setAutoCommit false", "rollback", "setAutoCommit true", "close");
  }

  // ---- connections

  @Test
  void anEndWaitsForWorkUnderWay() throws Exception {
    assertThat(transactions.awaitIdle(Duration.ZERO)).isTrue();
    assertThat(transactions.<Boolean>read(handle -> transactions.awaitIdle(SHORT))).isFalse();
    CountDownLatch working = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    CompletableFuture<Boolean> work =
        CompletableFuture.supplyAsync(
            () ->
                transactions.read(
                    handle -> {
                      working.countDown();
                      return awaited(goOn);
                    }),
            task -> new Thread(task).start());
    working.await();
    Thread.currentThread().interrupt();
    assertThat(transactions.awaitIdle(LONG)).as("an interrupt ends the waiting").isFalse();
    assertThat(Thread.interrupted()).isTrue();
    goOn.countDown();
    assertThat(transactions.awaitIdle(LONG)).isTrue();
    assertThat(work.join()).isTrue();
  }

  private static boolean awaited(CountDownLatch latch) {
    try {
      latch.await();
      return true;
    } catch (InterruptedException stop) {
      throw new IllegalStateException(stop);
    }
  }

  @Test
  void aPoolWhoseConnectionsAreElsewhereIsBusy() throws SQLException {
    try (HikariDataSource pool = new HikariDataSource()) {
      pool.setDataSource(database.dataSource());
      pool.setMaximumPoolSize(1);
      pool.setConnectionTimeout(250);
      Transactions ofPool = new Transactions(pool);
      try (Connection taken = pool.getConnection()) {
        assertThat(taken.isValid(1)).isTrue();
        assertThatThrownBy(() -> ofPool.read(TransactionsTest::settings))
            .isInstanceOf(StoreBusyException.class)
            .hasMessageMatching("no connection from the pool within [2-9][0-9]{2,3} ms; .*");
      }
      assertThat(ofPool.read(TransactionsTest::settings)).isNotEmpty();
    }
  }

  /** What a caller is told whose pool has nothing to give while one connection is in use here. */
  private Throwable toldBeside(boolean oneIsAnswered) throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicInteger connections = new AtomicInteger();
    DataSource secondWaits =
        Wrapped.of(
            DataSource.class,
            database.dataSource(),
            (method, arguments, call) -> {
              if (connections.incrementAndGet() == 2) {
                asked.countDown();
                awaited(goOn);
                throw new SQLTransientConnectionException("the pool has nothing to give");
              }
              return call.call();
            });
    Transactions some = new Transactions(secondWaits);
    return some.read(
        inUse -> {
          CompletableFuture<Boolean> second =
              CompletableFuture.supplyAsync(
                  () -> some.read(handle -> true), task -> new Thread(task).start());
          awaited(asked);
          if (oneIsAnswered) {
            assertThat(some.<Boolean>read(handle -> true)).isTrue();
          }
          goOn.countDown();
          try {
            throw new IllegalStateException("connected: " + second.join());
          } catch (CompletionException told) {
            return told.getCause();
          }
        });
  }

  @Test
  void aPoolThatIsEmptyWhileTheDatabaseAnswersIsBusyElseThatIsAway() throws Exception {
    assertThat(toldBeside(true)).isInstanceOf(StoreBusyException.class);
    assertThat(toldBeside(false))
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessage("no connection to PostgreSQL: the pool has nothing to give");
  }

  @Test
  void aDatabaseThatCannotBeReachedIsUnavailable() {
    Transactions nowhere =
        new Transactions(
            Wrapped.of(
                DataSource.class,
                database.dataSource(),
                (method, arguments, call) -> {
                  throw new SQLException("refused on purpose", "08001");
                }));
    assertThatThrownBy(() -> nowhere.write(handle -> true))
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessage("no connection to PostgreSQL: refused on purpose");
  }
}
