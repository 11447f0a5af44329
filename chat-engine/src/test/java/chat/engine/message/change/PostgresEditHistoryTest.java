package chat.engine.message.change;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationId;
import chat.engine.MessageEdit;
import chat.engine.NewMessage;
import chat.engine.postgres.PostgresMessageStore;
import chat.engine.spi.MessageStore;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

final class PostgresEditHistoryTest extends EditHistoryTests {
  private final TestDatabase database = TestPostgres.chatDatabase();

  @Override
  protected MessageStore openStore() {
    return PostgresMessageStore.open(database.jdbcUrl(), database.user(), database.password(), 6);
  }

  @Override
  int rows(ConversationId id) {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT count(*) FROM chat_message_versions WHERE conversation_id = " + id)) {
      row.next();
      return row.getInt(1);
    } catch (SQLException fault) {
      throw new IllegalStateException(fault);
    }
  }

  @Test
  void anEditInATransactionOfTheApplicationKeepsItsVersionWithTheCommit() throws SQLException {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    get(north.asUser(ADA).send(talk, NewMessage.text("one")));
    for (boolean commits : new boolean[] {false, true}) {
      try (Connection connection = database.dataSource().getConnection()) {
        connection.setAutoCommit(false);
        north.transactional(connection).editMessage(ADA, talk, 1, MessageEdit.text("two"));
        if (commits) {
          connection.commit();
        } else {
          connection.rollback();
        }
      }
      assertThat(rows(talk)).isEqualTo(commits ? 1 : 0);
    }
  }

  @Override
  protected void closed() {
    database.close();
  }
}
