package chat.engine.postgres;

import chat.engine.postgres.connection.PatientDataSource;
import chat.engine.postgres.connection.PostgresErrors;
import chat.engine.postgres.connection.SchemaName;
import chat.engine.postgres.connection.StoreConnections;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a schema up to date, one process at a time. Flyway by itself is not safe when several
 * processes meet at a database that is new to them: one that looks between the creation of the
 * history table and its first row refuses to go on. So a transaction of its own holds an advisory
 * lock meanwhile, which also ends with the process. Stateless; blocks.
 */
public final class SchemaMigrations {
  private static final Logger log = LoggerFactory.getLogger(SchemaMigrations.class);

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
   * @throws chat.engine.spi.StoreUnavailableException if the database cannot be reached, or goes
   *     away meanwhile
   * @throws IllegalStateException if a migration fails, or others ran than those at the location;
   *     the message says which, and what to do
   */
  public static void run(
      DataSource dataSource, ClassLoader classes, String location, String historyTable) {
    run(dataSource, classes, location, historyTable, null);
  }

  /**
   * Runs those up to a version that have not run yet: for the tables of an older backup.
   *
   * @param version of the last one to run
   * @throws RuntimeException as {@link #run(DataSource, ClassLoader, String, String)}
   */
  public static void runUpTo(
      DataSource dataSource,
      ClassLoader classes,
      String location,
      String historyTable,
      int version) {
    run(dataSource, classes, location, historyTable, null, Integer.toString(version));
  }

  /**
   * How a schema stands.
   *
   * @param applied the newest migration that ran; 0 for none
   * @param known the newest that there is on the class path; 0 for none
   * @param failed whether one failed
   */
  public record State(int applied, int known, boolean failed) {
    public boolean isUpToDate() {
      return applied == known && !failed;
    }
  }

  /**
   * Looks at what ran and changes nothing, which takes no right but to read.
   *
   * @param location of the SQL files on the class path
   * @param historyTable what ran so far
   * @throws RuntimeException if the database cannot be reached
   */
  public static State state(
      DataSource dataSource, ClassLoader classes, String location, String historyTable) {
    MigrationInfoService info =
        Flyway.configure(classes)
            .dataSource(PatientDataSource.of(StoreConnections.of(dataSource, null)))
            .locations("classpath:" + location)
            .table(historyTable)
            .load()
            .info();
    int applied = 0;
    int known = 0;
    boolean failed = false;
    for (MigrationInfo migration : info.all()) {
      MigrationVersion version = migration.getVersion();
      if (version != null && version.getMajor() != null) {
        int number = version.getMajor().intValueExact();
        applied = migration.getState().isApplied() ? Math.max(applied, number) : applied;
        known = migration.getState().isResolved() ? Math.max(known, number) : known;
        failed |= migration.getState().isFailed();
      }
    }
    return new State(applied, known, failed);
  }

  /**
   * @param schema where the tables belong; null for the first schema of the search path
   */
  static void run(
      DataSource dataSource,
      ClassLoader classes,
      String location,
      String historyTable,
      @Nullable SchemaName schema) {
    run(dataSource, classes, location, historyTable, schema, "latest");
  }

  private static void run(
      DataSource dataSource,
      ClassLoader classes,
      String location,
      String historyTable,
      @Nullable SchemaName schema,
      String target) {
    DataSource patient = PatientDataSource.of(StoreConnections.of(dataSource, null));
    FluentConfiguration configuration =
        Flyway.configure(classes)
            .dataSource(patient)
            .locations("classpath:" + location)
            .table(historyTable)
            .target(target)
            .baselineOnMigrate(true) // the schema may have tables of others
            .baselineVersion("0");
    MigrationUnderWay underWay = new MigrationUnderWay();
    if (schema == null) {
      configuration.callbacks(underWay);
    } else {
      configuration.defaultSchema(schema.name()).callbacks(underWay, new SearchPath(schema));
    }
    Flyway migrations = configuration.load();
    try (Connection connection = patient.getConnection()) {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        // This transaction waits for others, and is idle while the migrations run.
        statement.execute(
            "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0;"
                + " SET LOCAL idle_in_transaction_session_timeout = 0");
        awaitTurn(statement, historyTable);
        migrations.migrate();
      } finally {
        connection.rollback(); // nothing was written here
        connection.setAutoCommit(true);
      }
    } catch (FlywayException fault) {
      throw underWay.failed(historyTable, fault);
    } catch (SQLException away) {
      throw PostgresErrors.beforeCommit(away);
    }
  }

  /** Takes the lock; says so if that takes its time, which would look like a start that hangs. */
  private static void awaitTurn(Statement statement, String historyTable) throws SQLException {
    try (ResultSet row = statement.executeQuery("SELECT pg_try_advisory_xact_lock(" + LOCK + ")")) {
      row.next();
      if (row.getBoolean(1)) {
        return;
      }
    }
    log.info(
        "another process brings the tables of this database up to date; waiting for it ({})",
        historyTable);
    statement.execute("SELECT pg_advisory_xact_lock(" + LOCK + ")");
    log.info("the other process has ended its work on the tables ({})", historyTable);
  }

  /**
   * Sets the search path in the transaction of each migration. Flyway sets it for the session,
   * which {@link PatientDataSource} prevents: behind a pooler in transaction mode that session is
   * of no use to the migration, and is given to others afterwards.
   */
  private static final class SearchPath extends BeforeEachMigration {
    private final SchemaName schema;

    SearchPath(SchemaName schema) {
      super("search path");
      this.schema = schema;
    }

    @Override
    public void handle(Event event, Context context) {
      try (Statement statement = context.getConnection().createStatement()) {
        statement.execute("SET LOCAL search_path = " + schema.quoted());
      } catch (SQLException fault) {
        throw new IllegalStateException("the search path could not be set", fault);
      }
    }
  }
}
