package chat.engine.postgres;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.spi.StoreUnavailableException;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the operator reads when a migration does not succeed. */
@Tag("thorough")
@Timeout(30)
final class FailedMigrationTest {
  @TempDir private Path folder;
  private final TestDatabase database = TestPostgres.freshDatabase();
  private MigrationFiles migrations;

  @BeforeEach
  void open() throws Exception {
    migrations = new MigrationFiles(folder);
    migrations.write(
        "V1__first.sql", "CREATE TABLE numbers (n int); INSERT INTO numbers VALUES (0)");
  }

  @AfterEach
  void close() throws Exception {
    migrations.close();
    database.close();
  }

  private void run() {
    migrations.runOn(database.dataSource());
  }

  @Test
  void itNamesTheMigrationWhatPostgresSaidAndWhatToDoAndTheNextStartGoesOn() throws Exception {
    migrations.write("V2__broken.sql", "CREATE TABLE more (n int); SELECT 1 / n FROM numbers");
    assertThatThrownBy(this::run)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll(
            "migration V2__broken.sql failed (SQL state 22012: ERROR: division by zero",
            "The tables are as they were before it",
            "Remove what is in its way and start again")
        .hasMessageNotContaining("\n");
    migrations.write("V2__broken.sql", "CREATE TABLE more (n int)");
    assertThatCode(this::run).doesNotThrowAnyException();
  }

  @Test
  void aRightThatIsMissingIsForTheOwnerOfTheTables() throws Exception {
    migrations.write("V2__role.sql", "SET LOCAL ROLE pg_monitor; DELETE FROM numbers");
    assertThatThrownBy(this::run)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("V2__role.sql", "SQL state 42501", "Let the owner of the tables");
  }

  @Test
  void oneThatIsCutOffMayBeTriedAgain() throws Exception {
    migrations.write("V2__cut.sql", "SELECT pg_terminate_backend(pg_backend_pid())");
    assertThatThrownBy(this::run)
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessageContainingAll("migration V2__cut.sql was cut off", "Start again");
  }

  @Test
  void oneThatWasChangedAfterItRanIsNamed() throws Exception {
    run();
    migrations.write("V1__first.sql", "CREATE TABLE others (n int)");
    assertThatThrownBy(this::run)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll(
            "the migrations of test_history cannot run",
            "checksum mismatch for migration version 1",
            "The tables are as they were");
  }

  @Test
  void oneOutsideATransactionMayBeDoneInPart() throws Exception {
    migrations.write("V2__vacuum.sql", "VACUUM numbers; VACUUM none");
    assertThatThrownBy(this::run)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll(
            "V2__vacuum.sql", "SQL state 42P01", "It may have been done in part");
  }
}
