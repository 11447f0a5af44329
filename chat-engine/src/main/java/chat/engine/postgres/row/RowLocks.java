package chat.engine.postgres.row;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How rows of several conversations are locked: by one statement, or, where Citus distributes the
 * tables, by a statement for each conversation, since Citus locks rows of a single shard only. The
 * statements travel together.
 */
public enum RowLocks {
  TOGETHER,
  ONE_BY_ONE;

  private static final int STATEMENTS_OF_A_TRIP = 64;

  private static final String DISTRIBUTED =
      "SELECT count(*) > 0 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
          + " JOIN pg_dist_partition p ON p.logicalrelid = c.oid"
          + " WHERE n.nspname = ? AND c.relname = 'chat_conversation_counters' AND p.partmethod <> 'n'";

  /** Sets the parameters of one statement, from an index on; gives the next index. */
  public interface Binding<T> {
    int bind(PreparedStatement statement, int from, T item) throws SQLException;
  }

  /** Takes a row of any of the statements. */
  public interface RowReader {
    void read(ResultSet row) throws SQLException;
  }

  /** What the tables in a schema need. */
  public static RowLocks of(Connection connection, String schema) throws SQLException {
    try (PreparedStatement exists =
            connection.prepareStatement("SELECT to_regclass('pg_dist_partition') IS NOT NULL");
        ResultSet row = exists.executeQuery()) {
      row.next();
      if (!row.getBoolean(1)) {
        return TOGETHER; // no Citus
      }
    }
    try (PreparedStatement distributed = connection.prepareStatement(DISTRIBUTED)) {
      distributed.setString(1, schema);
      try (ResultSet row = distributed.executeQuery()) {
        row.next();
        return row.getBoolean(1) ? ONE_BY_ONE : TOGETHER;
      }
    }
  }

  /**
   * Executes a statement for each item, in their order.
   *
   * @param before what is executed first, with a semicolon at its end
   */
  public static <T> void each(
      Connection connection,
      String before,
      String sql,
      List<T> items,
      Binding<T> binding,
      RowReader reader)
      throws SQLException {
    for (int from = 0; from < items.size(); from += STATEMENTS_OF_A_TRIP) {
      List<T> trip = items.subList(from, Math.min(from + STATEMENTS_OF_A_TRIP, items.size()));
      String statements =
          Collections.nCopies(trip.size(), sql).stream().collect(Collectors.joining("; "));
      try (PreparedStatement statement = connection.prepareStatement(before + statements)) {
        int next = 1;
        for (T item : trip) {
          next = binding.bind(statement, next, item);
        }
        readAll(statement, reader);
      }
    }
  }

  private static void readAll(PreparedStatement statement, RowReader reader) throws SQLException {
    boolean isRows = statement.execute();
    while (isRows || statement.getUpdateCount() >= 0) {
      if (isRows) {
        try (ResultSet row = statement.getResultSet()) {
          while (row.next()) {
            reader.read(row);
          }
        }
      }
      isRows = statement.getMoreResults();
    }
  }
}
