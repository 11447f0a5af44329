package chat.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.contract.MessageStoreContract;
import chat.engine.postgres.row.RowLocks;
import chat.engine.spi.MessageStore;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The contract with the statements that Citus needs, which lock rows one by one, on a plain
 * PostgreSQL whose catalogue says that the tables are distributed. {@link CitusStoreTest} is the
 * contract on Citus itself, but needs an installation.
 */
@Tag("thorough")
final class LocksOneByOneTest extends MessageStoreContract {
  private static final class Shared {
    static final HikariDataSource POOL = StorePool.open(playingCitus(TestPostgres.chatDatabase()));

    private static TestDatabase playingCitus(TestDatabase database) {
      try (Connection connection = database.dataSource().getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute(
            "CREATE TABLE pg_dist_partition (logicalrelid regclass, partmethod \"char\")");
        statement.execute(
            "INSERT INTO pg_dist_partition VALUES ('chat_conversation_counters', 'h')");
        return database;
      } catch (SQLException fault) {
        throw new IllegalStateException(fault);
      }
    }
  }

  @Override
  protected MessageStore openStore() {
    return PostgresMessageStore.open(Shared.POOL);
  }

  @Test
  void rowsAreLockedTogetherUnlessTheTablesAreDistributed() throws SQLException {
    try (Connection connection = Shared.POOL.getConnection()) {
      assertThat(RowLocks.of(connection, "public")).isEqualTo(RowLocks.ONE_BY_ONE);
      assertThat(RowLocks.of(connection, "another")).isEqualTo(RowLocks.TOGETHER);
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.execute("UPDATE pg_dist_partition SET partmethod = 'n'");
      }
      assertThat(RowLocks.of(connection, "public"))
          .as("a reference table")
          .isEqualTo(RowLocks.TOGETHER);
      connection.rollback();
    }
  }
}
