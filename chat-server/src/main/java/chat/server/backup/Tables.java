package chat.server.backup;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What there is to copy: asked of the database, so that no list of tables has to be kept here. */
final class Tables {
  /**
   * What is of no use elsewhere: the log of transactions by the ids of this PostgreSQL, which nodes
   * run, tickets for the next minute.
   */
  private static final Set<String> LEFT_OUT =
      Set.of(
          "chat_commits",
          "chat_commit_horizons",
          "server_ticket",
          "server_node",
          "server_connection_question",
          "server_connection_answer");

  /** Ordinary tables, and partitioned ones, of engine and server; unlogged ones come back empty. */
  private static final String TABLES =
      """
      select c.relname from pg_class c
      where c.relnamespace = (
          select relnamespace from pg_class where oid = to_regclass('chat_server_schema_history'))
        and c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence = 'p'
        and (c.relname like 'chat\\_%' or c.relname like 'server\\_%')
        and c.relname not like '%\\_schema\\_history'
      order by c.relname""";

  private static final String COLUMNS =
      """
      select quote_ident(attname) from pg_attribute
      where attrelid = to_regclass(?) and attnum > 0 and not attisdropped and attgenerated = ''
      order by attnum""";

  private static final String REFERENCES =
      """
      select conrelid::regclass::text, confrelid::regclass::text from pg_constraint
      where contype = 'f' and conrelid <> confrelid""";

  private static final String SEQUENCES =
      """
      select sequencename, coalesce(last_value, 0) from pg_sequences
      where schemaname = (
          select n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace
          where c.oid = to_regclass('chat_server_schema_history'))
        and (sequencename like 'chat\\_%' or sequencename like 'server\\_%')
      order by sequencename""";

  private Tables() {}

  /** The tables with their columns, those that others refer to first. */
  static Map<String, List<String>> of(Connection connection) throws SQLException {
    List<String> names = texts(connection, TABLES, null);
    names.removeAll(LEFT_OUT);
    List<String[]> references = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(REFERENCES)) {
      while (rows.next()) {
        references.add(new String[] {rows.getString(1), rows.getString(2)});
      }
    }
    Map<String, List<String>> ordered = new LinkedHashMap<>();
    while (ordered.size() < names.size()) {
      int before = ordered.size();
      for (String name : names) {
        boolean waits =
            references.stream()
                .anyMatch(
                    one ->
                        one[0].equals(name)
                            && names.contains(one[1])
                            && !ordered.containsKey(one[1]));
        if (!ordered.containsKey(name) && !waits) {
          ordered.put(name, texts(connection, COLUMNS, name));
        }
      }
      if (ordered.size() == before) {
        throw new IllegalStateException("tables that refer to each other in a circle: " + names);
      }
    }
    return ordered;
  }

  /** The last number of each sequence; 0 for one that was not used. */
  static Map<String, Long> sequences(Connection connection) throws SQLException {
    Map<String, Long> sequences = new LinkedHashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(SEQUENCES)) {
      while (rows.next()) {
        sequences.put(rows.getString(1), rows.getLong(2));
      }
    }
    return sequences;
  }

  private static List<String> texts(
      Connection connection, String sql, @org.jspecify.annotations.Nullable String parameter)
      throws SQLException {
    List<String> texts = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      if (parameter != null) {
        statement.setString(1, parameter);
      }
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          texts.add(rows.getString(1));
        }
      }
    }
    return texts;
  }
}
