package chat.engine.group;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.InviteCode;
import chat.engine.NewInvite;
import chat.engine.postgres.PostgresMessageStore;
import chat.engine.spi.MessageStore;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

final class PostgresInviteTest extends InviteTests {
  private final TestDatabase database = TestPostgres.chatDatabase();

  @Override
  protected MessageStore openStore() {
    return PostgresMessageStore.open(database.jdbcUrl(), database.user(), database.password(), 6);
  }

  @Override
  protected void closed() {
    database.close();
  }

  @Test
  void aReaderOfTheDatabaseFindsNoCode() throws Exception {
    InviteCode code = created(group(), NewInvite.unlimited()).code();
    try (Connection connection =
            DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT i::text FROM chat_invites i")) {
      assertThat(row.next()).isTrue();
      assertThat(row.getString(1))
          .contains(code.id().value())
          .doesNotContain(code.value().substring(11)); // behind the id of the group
    }
  }
}
