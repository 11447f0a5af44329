package chat.engine.postgres.connection;

import chat.engine.ConversationId;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Columns of a list as SQL arrays, for statements that take many rows at once through {@code
 * unnest}.
 */
public record SqlArrays(Connection connection) {
  public <T> Array bigints(List<T> rows, Function<T, @Nullable Long> column) throws SQLException {
    @Nullable Long[] values = new Long[rows.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = column.apply(rows.get(i));
    }
    return connection.createArrayOf("bigint", values);
  }

  public <T> Array ints(List<T> rows, Function<T, Integer> column) throws SQLException {
    return connection.createArrayOf("int", rows.stream().map(column).toArray(Integer[]::new));
  }

  public <T> Array texts(List<T> rows, Function<T, @Nullable String> column) throws SQLException {
    @Nullable String[] values = new String[rows.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = column.apply(rows.get(i));
    }
    return connection.createArrayOf("text", values);
  }

  public <T> Array booleans(List<T> rows, Function<T, Boolean> column) throws SQLException {
    return connection.createArrayOf("boolean", rows.stream().map(column).toArray(Boolean[]::new));
  }

  /** Whatever the time zones of the JVM and of the session are. */
  public <T> Array times(List<T> rows, Function<T, @Nullable Instant> column) throws SQLException {
    @Nullable String[] values = new String[rows.size()];
    for (int i = 0; i < values.length; i++) {
      Instant time = column.apply(rows.get(i));
      values[i] = time == null ? null : time.toString();
    }
    return connection.createArrayOf("timestamptz", values);
  }

  /**
   * The rows of the last of several statements that were sent together, of which only that one
   * gives rows.
   */
  public static ResultSet lastResult(PreparedStatement statement) throws SQLException {
    boolean isRows = statement.execute();
    while (!isRows) {
      if (statement.getUpdateCount() < 0) {
        throw new IllegalStateException("a query gave no rows, not even none");
      }
      isRows = statement.getMoreResults();
    }
    return statement.getResultSet();
  }

  /** Runs a query that gives a number for each conversation. */
  public static Map<ConversationId, Long> numbers(Handle handle, String sql) throws SQLException {
    try (PreparedStatement statement = handle.getConnection().prepareStatement(sql)) {
      return numbers(statement);
    }
  }

  /**
   * As {@link #numbers(Handle, String)}, for a query with an array of conversations as its only
   * parameter.
   */
  public static Map<ConversationId, Long> numbers(
      Handle handle, String sql, Collection<ConversationId> ids) throws SQLException {
    try (PreparedStatement statement = handle.getConnection().prepareStatement(sql)) {
      statement.setArray(
          1,
          new SqlArrays(handle.getConnection()).bigints(List.copyOf(ids), ConversationId::value));
      return numbers(statement);
    }
  }

  public static Map<ConversationId, Long> numbers(PreparedStatement statement) throws SQLException {
    Map<ConversationId, Long> found = new HashMap<>();
    try (ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        found.put(ConversationId.of(rows.getLong(1)), rows.getLong(2));
      }
    }
    return found;
  }
}
