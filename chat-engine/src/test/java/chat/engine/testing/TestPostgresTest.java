package chat.engine.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

final class TestPostgresTest {

  @Test
  void eachFreshDatabaseIsEmptyAndItsOwn() throws SQLException {
    try (TestDatabase one = TestPostgres.freshDatabase();
        TestDatabase other = TestPostgres.freshDatabase()) {
      execute(one, "CREATE TABLE note (body text)");
      assertThat(tables(one)).isEqualTo(1);
      assertThat(tables(other)).isZero();
    }
  }

  @Test
  void aStoreFindsItsTablesInAChatDatabase() throws SQLException {
    try (TestDatabase one = TestPostgres.chatDatabase();
        TestDatabase other = TestPostgres.chatDatabase();
        PrivatePostgres server = TestPostgres.startPrivate()) {
      int tables = tables(one);
      assertThat(tables).isGreaterThan(20);
      execute(one, "DROP TABLE chat_schema_history");
      assertThat(tables(other)).isEqualTo(tables);
      assertThat(tables(server.chatDatabase())).isEqualTo(tables);
    }
  }

  @Test
  void aClosedDatabaseIsGoneEvenIfSomebodyIsConnected() throws SQLException {
    TestDatabase database = TestPostgres.freshDatabase();
    try (Connection open = database.dataSource().getConnection()) {
      database.close();
      assertThat(open.isValid(1)).isFalse();
      assertThatThrownBy(() -> tables(database)).isInstanceOf(SQLException.class);
    }
  }

  @Test
  void theAddressLeadsToTheDatabaseToo() throws SQLException {
    try (TestDatabase database = TestPostgres.freshDatabase();
        Connection connection =
            DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password())) {
      assertThat(connection.getCatalog()).isEqualTo(database.name());
    }
  }

  @Test
  void aKilledServerComesBackOnItsPortWithWhatWasCommitted() throws SQLException {
    try (PrivatePostgres server = TestPostgres.startPrivate()) {
      TestDatabase database = server.freshDatabase();
      execute(database, "CREATE TABLE note (body text)");
      try (Connection open = database.dataSource().getConnection()) {
        server.kill();
        assertThat(open.isValid(1)).isFalse();
        assertThatThrownBy(() -> tables(database)).isInstanceOf(SQLException.class);
      }
      server.start();
      assertThat(tables(database)).isEqualTo(1);
    }
  }

  @Test
  void aRestartedServerKeepsItsPortAndDataAgainAndAgain() throws SQLException {
    try (PrivatePostgres server = TestPostgres.startPrivate()) {
      TestDatabase database = server.freshDatabase();
      execute(database, "CREATE TABLE note (body text)");
      server.restart();
      assertThat(tables(database)).isEqualTo(1);
      server.restart();
      assertThat(tables(database)).isEqualTo(1);
      server.stop();
      assertThat(server.isRunning()).isFalse();
      assertThatThrownBy(() -> tables(database)).isInstanceOf(SQLException.class);
    }
  }

  private static void execute(TestDatabase database, String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static int tables(TestDatabase database) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery(
                "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'")) {
      found.next();
      return found.getInt(1);
    }
  }
}
