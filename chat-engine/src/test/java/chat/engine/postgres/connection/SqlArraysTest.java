package chat.engine.postgres.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.ConversationId;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Lists that go to PostgreSQL as arrays, and what comes back. */
final class SqlArraysTest {
  private final TestDatabase database = TestPostgres.freshDatabase();
  private Connection connection;
  private SqlArrays arrays;

  @BeforeEach
  void connect() throws SQLException {
    connection = database.dataSource().getConnection();
    arrays = new SqlArrays(connection);
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
    database.close();
  }

  /** As the server sees it. */
  private String text(Array array) throws SQLException {
    try (var statement = connection.prepareStatement("SELECT (?)::text")) {
      statement.setArray(1, array);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getString(1);
      }
    }
  }

  @Test
  void everyKindOfColumnKeepsItsOrderAndItsNulls() throws SQLException {
    List<Integer> rows = List.of(1, 2, 3);
    assertThat(text(arrays.bigints(rows, row -> row == 2 ? null : row * 5_000_000_000L)))
        .isEqualTo("{5000000000,NULL,15000000000}");
    assertThat(text(arrays.ints(rows, row -> row * 2))).isEqualTo("{2,4,6}");
    assertThat(text(arrays.texts(rows, row -> row == 2 ? null : "t, " + row)))
        .isEqualTo("{\"t, 1\",NULL,\"t, 3\"}");
    assertThat(text(arrays.booleans(rows, row -> row == 2))).isEqualTo("{f,t,f}");
    connection.createStatement().execute("SET TIME ZONE 'UTC'");
    Array times =
        arrays.times(
            Arrays.asList(Instant.parse("2026-01-01T00:00:00.5Z"), null), instant -> instant);
    assertThat(text(times)).isEqualTo("{\"2026-01-01 00:00:00.5+00\",NULL}");
  }

  @Test
  void theRowsOfTheLastStatementAreFound() throws SQLException {
    try (var statement =
            connection.prepareStatement("SET TIME ZONE 'UTC'; SET jit = off; SELECT 7");
        ResultSet row = SqlArrays.lastResult(statement)) {
      row.next();
      assertThat(row.getInt(1)).isEqualTo(7);
    }
    try (var statement = connection.prepareStatement("SET TIME ZONE 'UTC'; SET jit = off")) {
      assertThatThrownBy(() -> SqlArrays.lastResult(statement)).hasMessageContaining("no rows");
    }
  }

  @Test
  void numbersOfConversationsAreRead() throws SQLException {
    try (Handle handle = Jdbi.open(connection)) {
      Map<ConversationId, Long> both = Map.of(ConversationId.of(1), 10L, ConversationId.of(2), 20L);
      assertThat(SqlArrays.numbers(handle, "VALUES (1::bigint, 10::bigint), (2, 20)"))
          .isEqualTo(both);
      assertThat(
              SqlArrays.numbers(
                  handle, "SELECT id, id * 10 FROM unnest(?::bigint[]) id", both.keySet()))
          .isEqualTo(both);
    }
  }
}
