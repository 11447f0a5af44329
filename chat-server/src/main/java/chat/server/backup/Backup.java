package chat.server.backup;

import chat.engine.postgres.SchemaMigrations;
import chat.engine.protocol.JsonObjects;
import chat.server.database.DatabaseAddress;
import chat.server.database.ServerDatabase;
import chat.server.database.ServerSchema;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Copies all tables into files, in one transaction, so that they fit together whatever nodes do
 * meanwhile; and such files into an empty database, whose tables the migrations make. Both by
 * PostgreSQL's COPY. Stateless; blocks.
 */
public final class Backup {
  private static final int FORMAT = 1;

  private Backup() {}

  /**
   * Writes a backup.
   *
   * @param version of this program, in words
   * @return how many tables and rows there are
   * @throws ApiException {@code conflict} if the directory is not empty
   * @throws IOException if it cannot be written, or the database is not this program's
   */
  public static ObjectNode write(DatabaseAddress address, Path directory, String version)
      throws IOException {
    DataSource database = address.dataSource();
    SchemaMigrations.State server = ServerSchema.server(database);
    SchemaMigrations.State engine = ServerSchema.engine(database);
    if (server.failed() || engine.failed() || server.applied() == 0 || engine.applied() == 0) {
      throw new IOException("there are no complete tables of a chat-server in " + address);
    }
    BackupFiles files = new BackupFiles(directory);
    files.create();
    ObjectNode list =
        JsonObjects.object()
            .put("format", FORMAT)
            .put("made_by", version)
            .put("made_at", JsonObjects.time(Instant.now()))
            .put("server_schema", server.applied())
            .put("engine_schema", engine.applied());
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      execute(
          connection,
          "set transaction isolation level repeatable read, read only",
          "set local statement_timeout = 0",
          "set local idle_in_transaction_session_timeout = 0");
      long rows = write(connection, files, list.putArray("tables"));
      ObjectNode sequences = list.putObject("sequences");
      // read last: numbers of sequences are in no transaction, and must not be given out again
      Tables.sequences(connection).forEach(sequences::put);
      connection.rollback();
      files.finish(list);
      return answer(list.get("tables").size(), rows);
    } catch (IOException fault) {
      throw fault;
    } catch (Exception fault) {
      throw new IOException("the backup failed: " + fault.getMessage(), fault);
    }
  }

  private static ObjectNode answer(int tables, long rows) {
    return JsonObjects.object().put("tables", tables).put("rows", rows);
  }

  private static long write(Connection connection, BackupFiles files, ArrayNode list)
      throws Exception {
    CopyManager copies = connection.unwrap(PGConnection.class).getCopyAPI();
    long rows = 0;
    for (Map.Entry<String, List<String>> table : Tables.of(connection).entrySet()) {
      String columns = String.join(", ", table.getValue());
      BackupFiles.Written written =
          files.write(
              table.getKey(),
              out ->
                  copies.copyOut(
                      "copy (select %s from %s) to stdout".formatted(columns, table.getKey()),
                      out));
      rows += written.rows();
      list.addObject()
          .put("name", table.getKey())
          .put("columns", columns)
          .put("rows", written.rows())
          .put("sha256", written.sha256());
    }
    return rows;
  }

  /**
   * Reads a backup into a database without users and conversations, whose tables are made if there
   * are none. The database gets another epoch, so that clients forget what they know and fetch it
   * anew. No node may run on it.
   *
   * @return how many tables and rows there are
   * @throws ApiException {@code conflict} if something is in the database
   * @throws IOException if the backup is damaged or newer
   */
  public static ObjectNode restore(DatabaseAddress address, Path directory) throws IOException {
    BackupFiles files = new BackupFiles(directory);
    ObjectNode list = files.list();
    if (list.path("format").asInt(0) != FORMAT) {
      throw new IOException("the backup has a format that this program does not know");
    }
    for (JsonNode table : list.get("tables")) {
      files.check(table.get("name").asString(), table.get("sha256").asString());
    }
    DataSource database = address.dataSource();
    ServerDatabase.refuseEnglishOnly(database, address);
    ServerSchema.makeAs(
        database, list.get("engine_schema").asInt(), list.get("server_schema").asInt());
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      execute(connection, "set local statement_timeout = 0");
      requireEmpty(connection, address);
      long rows = read(connection, files, list.get("tables"));
      for (Map.Entry<String, JsonNode> sequence : list.get("sequences").properties()) {
        if (sequence.getValue().asLong() > 0) {
          query(
              connection,
              "select setval('%s', %d)".formatted(sequence.getKey(), sequence.getValue().asLong()));
        }
      }
      execute(connection, "update chat_epoch set epoch = gen_random_uuid()::text");
      connection.commit();
      connection.setAutoCommit(true);
      execute(connection, "analyze");
      return answer(list.get("tables").size(), rows);
    } catch (IOException | ApiException fault) {
      throw fault;
    } catch (Exception fault) {
      throw new IOException("nothing was restored: " + fault.getMessage(), fault);
    }
  }

  private static void requireEmpty(Connection connection, DatabaseAddress address)
      throws SQLException {
    if (query(
        connection,
        "select exists (select from server_account) or exists (select from chat_conversations)"
            + " or exists (select from server_node where seen_at > now() - interval '10 seconds')")) {
      throw ApiException.of(
          ApiError.CONFLICT,
          "there are users or conversations in "
              + address
              + ", or a node runs on it: restore into an empty database");
    }
  }

  private static long read(Connection connection, BackupFiles files, JsonNode tables)
      throws Exception {
    CopyManager copies = connection.unwrap(PGConnection.class).getCopyAPI();
    // the migrations have written some rows
    execute(
        connection,
        "truncate table " + String.join(", ", Tables.of(connection).keySet()) + " cascade");
    long rows = 0;
    for (JsonNode table : tables) {
      String name = table.get("name").asString();
      long read =
          files.read(
              name,
              in ->
                  copies.copyIn(
                      "copy %s (%s) from stdin".formatted(name, table.get("columns").asString()),
                      in));
      if (read != table.get("rows").asLong()) {
        throw new IOException(name + " has not all of its rows");
      }
      rows += read;
    }
    return rows;
  }

  private static void execute(Connection connection, String... statements) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** Whether the one value of a query is true. */
  private static boolean query(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        var row = statement.executeQuery(sql)) {
      row.next();
      return "t".equals(row.getString(1));
    }
  }
}
