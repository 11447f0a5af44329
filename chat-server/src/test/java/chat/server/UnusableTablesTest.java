package chat.server;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.server.database.DatabaseAddress;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the operator reads when the database is there but its tables cannot be used. */
@Timeout(60)
final class UnusableTablesTest {
  private static AbstractThrowableAssert<?, ?> startAfter(String sql) throws Exception {
    String database = TestServer.freshDatabase();
    try (Connection connection = DriverManager.getConnection(database);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
    return assertThatThrownBy(() -> TestServer.start("--database-url=" + database).close())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("it cannot use its tables: ")
        .hasMessageNotContainingAny("--database", "PASSWORD");
  }

  private static String later(String history) {
    return "insert into "
        + history
        + " (installed_rank, version, description, type, script, installed_by, execution_time, success)"
        + " values (1000, '1000', 'later', 'SQL', 'V1000__later.sql', 'test', 1, true)";
  }

  @Test
  void aMigrationOfTheServerThatFailsIsNamed() throws Exception {
    startAfter("delete from chat_server_schema_history where version::int >= 11")
        .hasMessageContainingAll(
            "migration V11__announcements.sql failed (SQL state 42P07",
            "server_announcement",
            "The tables are as they were before it, and nodes of the old version can run",
            "start again");
  }

  @Test
  void aMigrationOfTheEngineThatFailsIsNamed() throws Exception {
    startAfter("delete from chat_schema_history where version::int >= 26")
        .hasMessageContainingAll(
            "migration V26__origin.sql failed (SQL state 42701", "system_identifier");
  }

  @Test
  void tablesOfTheServerThatAreNewerAreRefused() throws Exception {
    startAfter(later("chat_server_schema_history"))
        .hasMessageContainingAll(
            "the tables of the server are of version 1000",
            "use a newer one, or --accept-newer-schema true");
  }

  @Test
  void newerTablesOfTheServerAreUsedIfTheOperatorSaysSo() throws Exception {
    String database = TestServer.freshDatabase();
    try (Connection connection = DriverManager.getConnection(database);
        Statement statement = connection.createStatement()) {
      statement.execute(later("chat_server_schema_history"));
    }
    DatabaseAddress address = new DatabaseAddress(database, "postgres", "");
    Opening.database(address, 2, new SimpleMeterRegistry(), true).close();
  }
}
