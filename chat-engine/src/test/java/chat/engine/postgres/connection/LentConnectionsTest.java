package chat.engine.postgres.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.testing.Logged;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import chat.engine.testing.Wrapped;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** Connections of the application: what is changed of them meanwhile, and how they go back. */
final class LentConnectionsTest {
  private final TestDatabase database = TestPostgres.freshDatabase();
  private final List<String> calls = new ArrayList<>();
  private Connection real;
  private Connection noted;

  /** The call that fails. */
  private String failing = "none";

  private DataSource pool;

  @BeforeEach
  void connect() throws SQLException {
    real = database.dataSource().getConnection();
    noted =
        Wrapped.of(
            Connection.class,
            real,
            (method, arguments, call) -> {
              if (method.equals("close") || method.startsWith("set")) {
                calls.add(method + (arguments.length == 1 ? " " + arguments[0] : ""));
                if (calls.get(calls.size() - 1).equals(failing)) {
                  throw new SQLException("on purpose");
                }
              }
              return method.equals("close") ? null : call.call(); // as a pool does
            });
    pool =
        Wrapped.of(
            DataSource.class,
            database.dataSource(),
            (method, arguments, call) -> method.equals("getConnection") ? noted : call.call());
  }

  @AfterEach
  void close() throws SQLException {
    real.close();
    database.close();
  }

  // ---- for the store

  @Test
  void theStoreWritesAndCommitsByItselfWhateverThePoolHasSet() throws SQLException {
    real.setAutoCommit(false);
    real.setReadOnly(true);
    Connection connection = StoreConnections.of(pool, new SchemaName("s")).getConnection();
    assertThat(real.getAutoCommit()).isTrue();
    assertThat(real.isReadOnly()).isFalse();
    assertThat(StoreConnections.given(connection)).isSameAs(noted);
    assertThat(StoreConnections.given(real)).isSameAs(real);
    assertThatThrownBy(() -> connection.prepareStatement("SELECT 1 FROM chat_a").execute())
        .hasMessageContaining("\"s.chat_a\"");
    connection.close();
    assertThat(real.getAutoCommit()).isFalse();
    assertThat(real.isReadOnly()).isTrue();
    assertThat(calls).endsWith("close").filteredOn("close"::equals).hasSize(1);
  }

  @Test
  void nothingIsSetThatIsAsItShouldBe() throws SQLException {
    StoreConnections.of(pool, null).getConnection().close();
    assertThat(calls).containsExactly("close");
    real.close();
    StoreConnections.of(pool, null).getLoginTimeout();
    assertThat(calls).hasSize(1);
  }

  @Test
  void aConnectionThatCannotBeSetUpGoesBackAtOnce() throws SQLException {
    real.setAutoCommit(false);
    failing = "setAutoCommit true";
    assertThatThrownBy(() -> StoreConnections.of(pool, null).getConnection())
        .hasMessage("on purpose");
    assertThat(calls).containsExactly("setAutoCommit true", "close");
  }

  @Test
  void aConnectionThatCannotBeSetBackGoesBackAllTheSame() throws SQLException {
    real.setAutoCommit(false);
    Connection connection = StoreConnections.of(pool, null).getConnection();
    failing = "setAutoCommit false";
    connection.close();
    assertThat(calls).contains("setAutoCommit false").endsWith("close");
  }

  // ---- for migrations

  private int threshold() throws SQLException {
    return real.unwrap(PGConnection.class).getPrepareThreshold();
  }

  @Test
  void migrationsWaitForLongPrepareNothingAndLeaveNothing() throws SQLException {
    real.setNetworkTimeout(Runnable::run, 7_000);
    Connection connection = PatientDataSource.of(pool).getConnection();
    assertThat(real.getNetworkTimeout()).isZero();
    assertThat(threshold()).isZero();
    try (var path = connection.prepareStatement("SELECT set_config('search_path', ?, false)")) {
      path.setString(1, "elsewhere");
      path.execute();
    }
    try (var row = connection.createStatement().executeQuery("SHOW search_path")) {
      row.next();
      assertThat(row.getString(1)).doesNotContain("elsewhere");
    }
    assertThatThrownBy(() -> connection.prepareStatement("SELECT 1 / 0").execute())
        .isInstanceOf(SQLException.class);
    connection.close();
    assertThat(real.getNetworkTimeout()).isEqualTo(7_000);
    assertThat(threshold()).isEqualTo(5);
    real.close();
    connection.close(); // again
  }

  @Test
  void migrationsOverAnotherDriverPrepareAsTheyDo() throws SQLException {
    DataSource other =
        Wrapped.of(
            DataSource.class,
            pool,
            (method, arguments, call) ->
                Wrapped.of(
                    Connection.class,
                    noted,
                    (name, given, real) ->
                        name.equals("isWrapperFor") ? (Object) false : real.call()));
    try (Connection connection = PatientDataSource.of(other).getConnection()) {
      assertThat(connection.getNetworkTimeout()).isZero();
      assertThat(threshold()).isEqualTo(5);
    }
  }

  // ---- behind a pooler

  /** The connection as a pooler gives it to its clients. */
  private Connection pooled(boolean driverIsKnown, int processes, int threshold)
      throws SQLException {
    PGConnection driver =
        Wrapped.of(
            PGConnection.class,
            real.unwrap(PGConnection.class),
            (method, arguments, call) ->
                switch (method) {
                  case "getBackendPID" -> (int) call.call() + processes;
                  case "getPrepareThreshold" -> threshold;
                  default -> call.call();
                });
    return Wrapped.of(
        Connection.class,
        real,
        (method, arguments, call) ->
            switch (method) {
              case "isWrapperFor" -> driverIsKnown;
              case "unwrap" -> driver;
              default -> call.call();
            });
  }

  @Test
  void aPoolerIsKnownByItsProcessIdsAndWarnedOfIfStatementsArePrepared() throws SQLException {
    assertThat(Poolers.isBehindPooler(real)).isFalse();
    assertThat(Poolers.isBehindPooler(pooled(true, 1, 5))).isTrue();
    assertThat(Poolers.isBehindPooler(pooled(false, 1, 5))).as("not known").isFalse();
    try (Logged logged = Logged.below("chat.engine.postgres")) {
      Poolers.warnOfPreparedStatements(real);
      Poolers.warnOfPreparedStatements(pooled(true, 0, 5));
      Poolers.warnOfPreparedStatements(pooled(true, 1, 0));
      assertThat(logged.lines()).isEmpty();
      Poolers.warnOfPreparedStatements(pooled(true, 1, 1));
      assertThat(logged.lines("prepareThreshold=0")).hasSize(1);
    }
  }
}
