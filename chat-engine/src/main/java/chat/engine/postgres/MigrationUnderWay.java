package chat.engine.postgres;

import chat.engine.postgres.connection.PostgresErrors;
import chat.engine.spi.StoreUnavailableException;
import java.sql.SQLException;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.jspecify.annotations.Nullable;

/**
 * Knows which migration runs, and says for the operator what it means that one failed: which, why,
 * and what to do. For one run, on one thread.
 */
final class MigrationUnderWay extends BeforeEachMigration {
  private @Nullable String script;
  private boolean inTransaction;

  MigrationUnderWay() {
    super("migration under way");
  }

  /** The exception to throw in place of one that ended the run. */
  RuntimeException failed(String historyTable, FlywayException fault) {
    String subject = script == null ? "the migrations of " + historyTable : "migration " + script;
    String why = PostgresErrors.reason(fault);
    if (PostgresErrors.isAway(fault)) {
      return new StoreUnavailableException(
          "%s was cut off (%s). Start again when PostgreSQL works: what it had not finished is undone and done anew"
              .formatted(subject, why),
          fault);
    }
    if (script == null) {
      return new IllegalStateException(
          "%s cannot run: %s. The tables are as they were".formatted(subject, why), fault);
    }
    return new IllegalStateException(
        "%s failed (%s). %s".formatted(subject, why, whatToDo(fault)), fault);
  }

  private String whatToDo(FlywayException fault) {
    if (!inTransaction) {
      return "It may have been done in part: restore a backup, or undo it by hand";
    }
    String state = "The tables are as they were before it, and nodes of the old version can run. ";
    return PostgresErrors.isForbidden(fault)
        ? state + "Let the owner of the tables run it, or grant the right, and start again"
        : state + "Remove what is in its way and start again";
  }

  @Override
  public void handle(Event event, Context context) {
    MigrationInfo migration = context.getMigrationInfo();
    script = migration == null ? null : migration.getScript();
    try {
      inTransaction = !context.getConnection().getAutoCommit();
    } catch (SQLException away) {
      inTransaction = true; // the migration itself will say so
    }
  }
}
