package chat.engine.postgres.router.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import chat.engine.testing.Wrapped;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** Links through what passes for a pooler, whose clients get connections of others. */
final class LinksTest {
  private final TestDatabase database = TestPostgres.freshDatabase();
  private final List<Connection> server = new ArrayList<>();

  /** Connections of clients so far. */
  private int clients;

  @BeforeEach
  void connect() throws SQLException {
    for (int i = 0; i < 2; i++) {
      server.add(database.dataSource().getConnection());
    }
  }

  @AfterEach
  void close() throws SQLException {
    for (Connection connection : server) {
      connection.close();
    }
    database.close();
  }

  /** Which connection to the server a client gets for its next statement. */
  private interface Choice {
    int of(int client, String sql);
  }

  private DataSource pooler(Choice choice) {
    return Wrapped.of(
        DataSource.class,
        database.dataSource(),
        (method, arguments, real) ->
            method.equals("getConnection") ? client(clients++, choice) : real.call());
  }

  private Connection client(int number, Choice choice) throws SQLException {
    Connection own = server.get(number % 2);
    PGConnection driver =
        Wrapped.of(
            PGConnection.class,
            own.unwrap(PGConnection.class),
            (method, arguments, real) -> method.equals("getBackendPID") ? (Object) 1 : real.call());
    return Wrapped.of(
        Connection.class,
        own,
        (method, arguments, real) ->
            switch (method) {
              case "unwrap" -> driver;
              case "close" -> null;
              case "prepareStatement" -> {
                String sql = (String) arguments[0];
                yield server.get(choice.of(number % 2, sql)).prepareStatement(sql);
              }
              default -> real.call();
            });
  }

  private static Links links(DataSource dataSource) {
    return new Links(dataSource, null);
  }

  private static String mark(Connection connection) throws SQLException {
    try (var statement =
            connection.prepareStatement(
                "SELECT coalesce(current_setting('chat.session', true), '')");
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getString(1);
    }
  }

  @Test
  void withoutAPoolerNothingIsAsked() throws SQLException {
    try (Link link = links(database.dataSource()).openListening()) {
      assertThat(link.<String>call(LinksTest::mark)).isEmpty();
    }
  }

  @Test
  void aPoolerThatGivesEachClientAConnectionIsAsGoodAsNone() throws SQLException {
    server.get(0).setAutoCommit(false);
    links(pooler((client, sql) -> client)).openListening();
    assertThat(mark(server.get(0))).as("no trace is left").isEmpty();
  }

  @Test
  void aPoolerThatGivesOneConnectionToSeveralClientsIsNamed() {
    assertThatThrownBy(() -> links(pooler((client, sql) -> 0)).openListening())
        .isInstanceOfSatisfying(
            LinkFailure.class, fault -> assertThat(fault.code()).isEqualTo("pooler"))
        .hasMessageContaining("leads to PostgreSQL itself");
  }

  @Test
  void aPoolerThatGivesAClientSeveralConnectionsIsNamed() {
    Choice inTurn = (client, sql) -> sql.contains("set_config('chat") ? 0 : 1;
    assertThatThrownBy(() -> links(pooler(inTurn)).openListening())
        .hasMessageContaining("leads to PostgreSQL itself");
  }

  @Test
  void aServerThatIsAwayIsALinkFailure() {
    DataSource away =
        Wrapped.of(
            DataSource.class,
            database.dataSource(),
            (method, arguments, real) -> {
              throw new SQLException("refused on purpose", "08001");
            });
    assertThatThrownBy(() -> links(away).openListening())
        .isInstanceOf(LinkFailure.class)
        .hasMessage("refused on purpose");
  }
}
