package chat.engine.postgres;

import chat.engine.postgres.connection.PatientDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/**
 * Brings a schema up to date, one process at a time. Flyway by itself is not safe when several
 * processes meet at a database that is new to them: one that looks between the creation of the
 * history table and its first row refuses to go on. So a transaction of its own holds an advisory
 * lock meanwhile, which also ends with the process. Stateless; blocks.
 */
public final class SchemaMigrations {
  /** How many connections a run needs at once. */
  public static final int CONNECTIONS = 3;

  private static final long LOCK = 0x63686174_6d696772L; // "chatmigr"

  private SchemaMigrations() {}

  /**
   * Runs what has not run yet. Tables of others in the same schema are left alone.
   *
   * @param dataSource must have {@link #CONNECTIONS} connections to give
   * @param classes knows the location
   * @param location of the SQL files on the class path
   * @param historyTable what ran so far
   * @throws RuntimeException if the database cannot be reached, or a migration fails
   */
  public static void run(
      DataSource dataSource, ClassLoader classes, String location, String historyTable) {
    DataSource patient = PatientDataSource.of(dataSource);
    Flyway migrations =
        Flyway.configure(classes)
            .dataSource(patient)
            .locations("classpath:" + location)
            .table(historyTable)
            .baselineOnMigrate(true) // the schema may have tables of others
            .baselineVersion("0")
            .load();
    try (Connection connection = patient.getConnection()) {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        // This transaction waits for others, and is idle while the migrations run.
        statement.execute(
            "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0;"
                + " SET LOCAL idle_in_transaction_session_timeout = 0");
        statement.execute("SELECT pg_advisory_xact_lock(" + LOCK + ")");
        migrations.migrate();
      } finally {
        connection.rollback(); // nothing was written here
        connection.setAutoCommit(true);
      }
    } catch (SQLException away) {
      throw new IllegalStateException("the schema could not be brought up to date", away);
    }
  }
}
