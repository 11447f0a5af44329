package chat.engine.postgres.row;

import chat.engine.ConversationId;
import chat.engine.postgres.connection.SqlArrays;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/**
 * The rows of {@code chat_commits} that a transaction writes about itself. A row holds so few
 * writes that PostgreSQL stores it in place. How the rows are read is in {@link CommitLog}.
 *
 * <p>Every append writes such rows, so the usual case, all in one row, is the cheapest statement
 * that there is; more rows are cut from the arrays by the server.
 */
public final class CommitRows {
  private static final int NUMBERS_OF_A_ROW = 100;

  /** Fewer, since the ids of users take more room. */
  private static final int RECEIPTS_OF_A_ROW = 40;

  private static final String INSERT_NUMBERS =
      "INSERT INTO chat_commits (kind, conversation_ids, numbers) VALUES ('%s', ?, ?)";

  private static final String INSERT_MANY_NUMBERS =
      "INSERT INTO chat_commits (kind, conversation_ids, numbers)"
          + " SELECT '%s', d.c[g : g + 99], d.n[g : g + 99]"
          + " FROM (SELECT ?::bigint[] AS c, ?::bigint[] AS n) d"
          + " CROSS JOIN generate_series(1, cardinality(d.c), 100) g";

  private static final String INSERT_MESSAGES = INSERT_NUMBERS.formatted("M");
  private static final String INSERT_MANY_MESSAGES = INSERT_MANY_NUMBERS.formatted("M");
  private static final String INSERT_CHANGES = INSERT_NUMBERS.formatted("C");
  private static final String INSERT_MANY_CHANGES = INSERT_MANY_NUMBERS.formatted("C");

  private static final String INSERT_RECEIPTS =
      "INSERT INTO chat_commits (kind, conversation_ids, user_ids) VALUES ('R', ?, ?)";

  private static final String INSERT_MANY_RECEIPTS =
      "INSERT INTO chat_commits (kind, conversation_ids, user_ids)"
          + " SELECT 'R', d.c[g : g + 39], d.u[g : g + 39]"
          + " FROM (SELECT ?::bigint[] AS c, ?::text[] AS u) d"
          + " CROSS JOIN generate_series(1, cardinality(d.c), 40) g";

  /** Takes a conversation and its rev, 0 if it was created. */
  public static final String INSERT_CHANGE =
      "INSERT INTO chat_commits (kind, conversation_ids, numbers)"
          + " VALUES ('C', ARRAY[?::bigint], ARRAY[?::bigint])";

  private CommitRows() {}

  /** Takes the conversations and beside each the highest seq that it was given. */
  public static String insertMessages(int conversations) {
    return conversations <= NUMBERS_OF_A_ROW ? INSERT_MESSAGES : INSERT_MANY_MESSAGES;
  }

  /** Takes the conversations and beside each the highest rev that it was given. */
  public static String insertChanges(int conversations) {
    return conversations <= NUMBERS_OF_A_ROW ? INSERT_CHANGES : INSERT_MANY_CHANGES;
  }

  /** Takes the conversations and beside each a member whose receipts moved. */
  public static String insertReceipts(int members) {
    return members <= RECEIPTS_OF_A_ROW ? INSERT_RECEIPTS : INSERT_MANY_RECEIPTS;
  }

  /**
   * @param from index of the first parameter of {@link #insertMessages} or {@link #insertChanges}
   */
  public static void bindNumbers(PreparedStatement statement, int from, Map<Long, Long> highest)
      throws SQLException {
    SqlArrays arrays = new SqlArrays(statement.getConnection());
    List<Map.Entry<Long, Long>> entries = List.copyOf(highest.entrySet());
    statement.setArray(from, arrays.bigints(entries, Map.Entry::getKey));
    statement.setArray(from + 1, arrays.bigints(entries, Map.Entry::getValue));
  }

  /**
   * @param from index of the first parameter of {@link #insertReceipts}
   */
  public static void bindReceipts(PreparedStatement statement, int from, List<MemberKey> moved)
      throws SQLException {
    SqlArrays arrays = new SqlArrays(statement.getConnection());
    statement.setArray(from, arrays.bigints(moved, one -> one.conversation().value()));
    statement.setArray(from + 1, arrays.texts(moved, one -> one.user().value()));
  }

  /** A conversation was created (rev 0) or changed. */
  public static void insertChange(Connection connection, ConversationId conversation, long rev)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(INSERT_CHANGE)) {
      statement.setLong(1, conversation.value());
      statement.setLong(2, rev);
      statement.executeUpdate();
    }
  }
}
