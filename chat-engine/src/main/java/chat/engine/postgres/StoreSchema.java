package chat.engine.postgres;

import chat.engine.postgres.connection.DatabaseLocation;
import chat.engine.postgres.connection.PoolLimits;
import chat.engine.postgres.connection.Poolers;
import chat.engine.postgres.connection.PostgresErrors;
import chat.engine.postgres.connection.ReadOnlyDatabaseException;
import chat.engine.postgres.connection.SchemaName;
import chat.engine.postgres.connection.StoreConnections;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.OptionalInt;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Finds the schema of the store's tables, makes or changes them where that is due, and says in one
 * sentence what is in the way: tables of somebody else, tables of a newer version, missing rights.
 * Tables that are up to date take one connection and no right but to use them. Stateless; blocks.
 */
final class StoreSchema {
  /** Of the newest migration. */
  static final int VERSION = 26;

  static final String HISTORY = "chat_schema_history";

  /** What the migrations make. */
  static final List<String> TABLES =
      List.of(
          "chat_bans",
          "chat_blocks",
          "chat_commit_horizons",
          "chat_commits",
          "chat_conversation_changes",
          "chat_conversation_counters",
          "chat_conversation_keys",
          "chat_conversations",
          "chat_deleted_conversations",
          "chat_direct_conversations",
          "chat_epoch",
          "chat_feed_positions",
          "chat_feeds",
          "chat_invites",
          "chat_last_seen",
          "chat_machine_leases",
          "chat_members",
          "chat_mentions",
          "chat_message_versions",
          "chat_messages",
          "chat_node_topics",
          "chat_nodes",
          "chat_outbox",
          "chat_pins",
          "chat_privacy",
          "chat_profiles",
          "chat_reactions",
          "chat_reports",
          "chat_retention_round",
          "chat_search",
          "chat_search_buckets",
          "chat_search_progress",
          "chat_slow_mode_sends",
          "chat_user_replacements");

  /** Tables that the search path finds, else the schema in which they would be made. */
  private static final String SCHEMA =
      "SELECT coalesce((SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
          + " WHERE c.oid = to_regclass('"
          + HISTORY
          + "')), current_schema()), current_setting('transaction_read_only')";

  /** Whether the user may make tables in a schema; no row if it does not exist. */
  private static final String MAY_CREATE =
      "SELECT has_schema_privilege(oid, 'CREATE') FROM pg_namespace WHERE nspname = ?";

  private static final String EXISTING =
      "SELECT string_agg(relname, ', ' ORDER BY relname) FROM pg_class"
          + " WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = ?)"
          + " AND relkind IN ('r', 'p', 'v', 'm', 'f') AND relname = ANY (?)";

  private static final String FORBIDDEN =
      EXISTING
          + " AND NOT (has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')"
          + " AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE'))";

  private final DataSource dataSource;
  private final DatabaseLocation location;
  private final @Nullable String wanted;
  private final boolean acceptNewer;

  /**
   * @param wanted null to use the schema that the search path finds
   * @param acceptNewer whether to use tables of a newer version
   */
  StoreSchema(
      DataSource dataSource,
      DatabaseLocation location,
      @Nullable String wanted,
      boolean acceptNewer) {
    this.dataSource = dataSource;
    this.location = location;
    this.wanted = wanted;
    this.acceptNewer = acceptNewer;
  }

  /**
   * @throws IllegalStateException if the tables cannot be used; the message says why, and what to
   *     do
   */
  SchemaName open() {
    try {
      return bringUpToDate();
    } catch (SQLException fault) {
      throw PostgresErrors.beforeCommit(fault);
    }
  }

  private SchemaName bringUpToDate() throws SQLException {
    SchemaName schema;
    try (Connection connection = StoreConnections.of(dataSource, null).getConnection()) {
      Poolers.warnOfPreparedStatements(connection);
      schema = find(connection);
      int version = version(connection, schema);
      if (version == VERSION || (version > VERSION && acceptNewer)) {
        requireRights(connection, schema);
        return schema;
      }
      refuseNewer(schema, version);
      if (version < 0) {
        refuseTablesOfOthers(connection, schema);
      }
      create(connection, schema);
    }
    migrate(schema);
    return schema;
  }

  private SchemaName find(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(SCHEMA);
        ResultSet row = statement.executeQuery()) {
      row.next();
      if (row.getString(2).equals("on")) {
        throw ReadOnlyDatabaseException.unavailable();
      }
      String found = wanted != null ? wanted : row.getString(1);
      if (found == null) {
        throw new IllegalStateException(
            "the search_path in %s names no schema that exists: create the schema, or name it with PostgresMessageStore.builder(dataSource).schema(name)"
                .formatted(location.text()));
      }
      return new SchemaName(found);
    }
  }

  /**
   * @return -1 if there is no history
   */
  private int version(Connection connection, SchemaName schema) throws SQLException {
    if (tables(connection, EXISTING, schema, List.of(HISTORY)) == null) {
      return -1;
    }
    // A migration that failed, or never ran, is left to Flyway.
    String sql =
        "SELECT CASE WHEN bool_and(success) THEN coalesce(max(version::int), 0) ELSE 0 END FROM "
            + schema.quoted()
            + "."
            + HISTORY
            + " WHERE version ~ '^[0-9]{1,9}$'";
    try (PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getInt(1);
    } catch (SQLException fault) {
      if (PostgresErrors.isForbidden(fault)) {
        throw forbidden(schema, "read " + HISTORY, "GRANT SELECT ON ALL TABLES", fault);
      }
      throw fault;
    }
  }

  private void refuseNewer(SchemaName schema, int version) {
    if (version > VERSION) {
      throw new IllegalStateException(
          "the tables in schema %s of %s are of version %d, and this version of chat-engine knows %d: use a newer one, or PostgresMessageStore.builder(dataSource).acceptNewerSchema() if its changelog says that this one may go on beside it"
              .formatted(schema.name(), location.text(), version, VERSION));
    }
  }

  private void refuseTablesOfOthers(Connection connection, SchemaName schema) throws SQLException {
    String others = tables(connection, EXISTING, schema, TABLES);
    // Another node that starts at the same time may have made them since the version was read.
    if (others != null && version(connection, schema) < 0) {
      throw new IllegalStateException(
          "schema %s of %s has tables that another application made: %s. Give chat a schema to itself with PostgresMessageStore.builder(dataSource).schema(name)"
              .formatted(schema.name(), location.text(), others));
    }
  }

  private void requireRights(Connection connection, SchemaName schema) throws SQLException {
    String forbidden = tables(connection, FORBIDDEN, schema, TABLES);
    if (forbidden != null) {
      throw forbidden(
          schema,
          "read and write " + forbidden,
          "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES",
          null);
    }
  }

  private static @Nullable String tables(
      Connection connection, String sql, SchemaName schema, List<String> names)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, schema.name());
      statement.setArray(2, connection.createArrayOf("text", names.toArray()));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getString(1);
      }
    }
  }

  private IllegalStateException forbidden(
      SchemaName schema, String what, String grant, @Nullable Throwable fault) {
    return new IllegalStateException(
        "%s may not %s: let the owner execute %s IN SCHEMA %s TO the user"
            .formatted(location.text(), what, grant, schema.quoted()),
        fault);
  }

  private void create(Connection connection, SchemaName schema) throws SQLException {
    try (PreparedStatement exists = connection.prepareStatement(MAY_CREATE)) {
      exists.setString(1, schema.name());
      try (ResultSet row = exists.executeQuery()) {
        if (row.next()) {
          if (!row.getBoolean(1)) {
            throw mayNotMake(schema, null);
          }
          return;
        }
      }
    }
    try (PreparedStatement create =
        connection.prepareStatement("CREATE SCHEMA " + schema.quoted())) {
      create.execute();
    } catch (SQLException fault) {
      if (PostgresErrors.isForbidden(fault)) {
        throw new IllegalStateException(
            "%s may not create schema %s: let the owner execute CREATE SCHEMA %s AUTHORIZATION the user"
                .formatted(location.text(), schema.name(), schema.quoted()),
            fault);
      }
      if (!PostgresErrors.isThereAlready(fault)) { // another process was faster
        throw fault;
      }
    }
  }

  private void migrate(SchemaName schema) {
    OptionalInt size = PoolLimits.size(dataSource);
    if (size.isPresent() && size.getAsInt() < SchemaMigrations.CONNECTIONS) {
      throw new IllegalStateException(
          "making the tables takes %d connections at once, and the pool gives at most %d"
              .formatted(SchemaMigrations.CONNECTIONS, size.getAsInt()));
    }
    try {
      SchemaMigrations.run(
          dataSource,
          StoreSchema.class.getClassLoader(),
          "chat/engine/migrations",
          HISTORY,
          schema);
    } catch (RuntimeException fault) {
      if (PostgresErrors.isForbidden(fault)) {
        throw mayNotMake(schema, fault);
      }
      throw fault;
    }
  }

  private IllegalStateException mayNotMake(SchemaName schema, @Nullable Throwable fault) {
    return new IllegalStateException(
        "%s may not make or change the tables in schema %s: let the owner execute GRANT USAGE, CREATE ON SCHEMA %s TO the user, or open the store once as the owner of the tables"
            .formatted(location.text(), schema.name(), schema.quoted()),
        fault);
  }
}
