package chat.engine.examples.faultcheck;

import chat.engine.examples.faultcheck.history.Fact;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Looks for the names of erased users in all texts that the database holds. Stateless. */
final class StoredTraces {
  private static final String COLUMNS =
      "SELECT table_name, column_name, data_type FROM information_schema.columns"
          + " WHERE table_schema = current_schema() AND starts_with(table_name, 'chat_')"
          + " AND udt_name IN ('text', '_text') ORDER BY 1, 2";

  private record Column(String table, String name, boolean isArray) {
    /** Counts the rows in which a column, or a line of it, is just the name. */
    String sql() {
      String names = isArray ? name : "string_to_array(" + name + ", E'\\n')";
      return "SELECT count(*) FROM " + table + " WHERE ? = ANY (" + names + ")";
    }
  }

  private StoredTraces() {}

  /** Of the given users. */
  static List<Fact> read(Connection connection, Collection<String> users) throws SQLException {
    List<Fact> traces = new ArrayList<>();
    for (Column column : users.isEmpty() ? List.<Column>of() : columns(connection)) {
      try (PreparedStatement statement = connection.prepareStatement(column.sql())) {
        for (String user : users) {
          statement.setString(1, user);
          try (ResultSet rows = statement.executeQuery()) {
            rows.next();
            if (rows.getLong(1) > 0) {
              String where = column.table() + "." + column.name();
              traces.add(new Fact.Trace(0, user, where, rows.getLong(1)));
            }
          }
        }
      }
    }
    return traces;
  }

  private static List<Column> columns(Connection connection) throws SQLException {
    List<Column> columns = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(COLUMNS);
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        columns.add(
            new Column(rows.getString(1), rows.getString(2), rows.getString(3).equals("ARRAY")));
      }
    }
    return columns;
  }
}
