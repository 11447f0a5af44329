package chat.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.contract.MessageStoreContract;
import chat.engine.postgres.row.RowLocks;
import chat.engine.spi.MessageStore;
import chat.engine.testing.TestCitus;
import chat.engine.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * The contract on a Citus cluster whose tables were distributed with the lines of databases.md;
 * skipped where no PostgreSQL with Citus is installed.
 */
@Tag("thorough")
@EnabledIf("chat.engine.testing.TestCitus#isInstalled")
final class CitusStoreTest extends MessageStoreContract {
  private static final String NO_SNAPSHOT =
      "Citus commits shard after shard, so a reader may see a part of a transaction for a moment";

  private static TestCitus cluster;
  private static TestDatabase database;

  @BeforeAll
  static void distribute() throws SQLException, IOException {
    cluster = TestCitus.start();
    database = cluster.freshDatabase();
    PostgresMessageStore.open(database.dataSource()).close();
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          linesOfTheDocumentation().replace("DATABASE chat ", "DATABASE " + database.name() + " "));
    }
  }

  private static String linesOfTheDocumentation() throws IOException {
    String page = Files.readString(Path.of("docs/databases.md"));
    String citus = page.substring(page.indexOf("## Citus"));
    int begin = citus.indexOf("```sql\n") + "```sql\n".length();
    return citus.substring(begin, citus.indexOf("```", begin));
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Override
  protected MessageStore openStore() {
    return PostgresMessageStore.open(database.jdbcUrl(), database.user(), database.password());
  }

  @Test
  void theConversationsAreDistributed() throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT count(DISTINCT (nodeport)) FROM citus_shards"
                    + " WHERE table_name = 'chat_messages'::regclass")) {
      row.next();
      assertThat(row.getInt(1)).isEqualTo(2);
      assertThat(RowLocks.of(connection, "public")).isEqualTo(RowLocks.ONE_BY_ONE);
    }
  }

  @Override
  @Test
  @Disabled(NO_SNAPSHOT)
  public void aBatchBecomesVisibleAllAtOnce() {}

  @Override
  @Test
  @Disabled(NO_SNAPSHOT)
  public void membershipsAreReadInOneSnapshotWhileBatchesCommit() {}
}
