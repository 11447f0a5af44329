package chat.engine.postgres.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

/** Tables in a schema that the search path does not name. */
final class SchemaNameTest {
  private final SchemaName schema = new SchemaName("My \"$1\"");

  @Test
  void aNameIsQuoted() {
    assertThat(schema.name()).isEqualTo("My \"$1\"");
    assertThat(schema.quoted()).isEqualTo("\"My \"\"$1\"\"\"");
    assertThat(schema).hasToString("My \"$1\"");
  }

  @Test
  void tablesAreQualifiedAndNothingElse() {
    SchemaName plain = new SchemaName("s");
    assertThat(plain.qualify("SELECT chat_a.x FROM chat_a, t.chat_b, \"chat_c\", my_chat_d"))
        .isEqualTo("SELECT \"s\".chat_a.x FROM \"s\".chat_a, t.chat_b, \"chat_c\", my_chat_d");
    assertThat(plain.qualify("SELECT 'chat_a', $chat_b$")).isEqualTo("SELECT 'chat_a', $chat_b$");
    assertThat(schema.qualify("TABLE chat_a")).isEqualTo("TABLE \"My \"\"$1\"\"\".chat_a");
    String other = "SELECT 1";
    assertThat(plain.qualify(other)).isSameAs(other);
  }

  @Test
  void aThousandStatementsAreRemembered() {
    for (int i = 0; i < 1_000; i++) {
      String sql = "SELECT " + i + " FROM chat_a";
      assertThat(schema.qualify(sql)).isSameAs(schema.qualify(sql));
    }
    String oneMore = "SELECT 1000 FROM chat_a";
    assertThat(schema.qualify(oneMore))
        .isEqualTo(schema.qualify(oneMore))
        .isNotSameAs(schema.qualify(oneMore));
  }

  @Test
  void statementsOfAConnectionAreQualified() throws SQLException {
    try (TestDatabase database = TestPostgres.freshDatabase();
        Connection real = database.dataSource().getConnection();
        Connection connection = schema.on(real);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE SCHEMA " + schema.quoted());
      assertThat(statement.execute("CREATE TABLE chat_a (id int)")).isFalse();
      try (var prepared = connection.prepareStatement("INSERT INTO chat_a VALUES (?)")) {
        prepared.setInt(1, 7);
        assertThat(prepared.executeUpdate()).isEqualTo(1);
      }
      try (var row = statement.executeQuery("SELECT id FROM chat_a")) {
        assertThat(row.next()).isTrue();
        assertThat(row.getInt(1)).isEqualTo(7);
      }
      assertThat(connection.getAutoCommit()).isTrue();
      assertThatThrownBy(() -> statement.execute("SELECT 1 / 0")).isInstanceOf(SQLException.class);
      assertThatThrownBy(() -> connection.setTransactionIsolation(77))
          .isInstanceOf(SQLException.class);
    }
  }
}
