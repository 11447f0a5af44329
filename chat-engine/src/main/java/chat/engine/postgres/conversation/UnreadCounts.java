package chat.engine.postgres.conversation;

import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.spi.ConversationStore.Unread;
import chat.engine.spi.ConversationStore.UnreadRange;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts unread messages and unread mentions: for each conversation a range of the primary key of
 * {@code chat_messages}, whose cost is the messages that are unread, and one of {@code
 * chat_mentions}. In one statement, so both belong to one snapshot.
 */
public final class UnreadCounts {
  /**
   * The grouped subqueries are what both PostgreSQL executes for each element, and Citus on each
   * shard.
   */
  private static final String COUNT =
      "SELECT r.conversation_id, r.n, false"
          + " FROM unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[]) AS d (c, low, high, rev)"
          + " CROSS JOIN LATERAL (SELECT m.conversation_id, count(*) AS n FROM chat_messages m"
          + " WHERE m.conversation_id = d.c AND m.seq > d.low AND m.seq <= d.high"
          + " AND m.sender_id <> ? AND (m.deleted_at IS NULL OR m.rev > d.rev) GROUP BY m.conversation_id) r"
          + " UNION ALL SELECT r.conversation_id, r.n, true"
          + " FROM unnest(?::bigint[], ?::bigint[], ?::bigint[]) AS d (c, low, high)"
          + " CROSS JOIN LATERAL (SELECT m.conversation_id, count(*) AS n FROM chat_mentions m"
          + " WHERE m.conversation_id = d.c AND m.user_id = ? AND m.seq > d.low AND m.seq <= d.high"
          + " GROUP BY m.conversation_id) r";

  private UnreadCounts() {}

  public static Map<ConversationId, Unread> read(
      Connection connection, UserId user, List<UnreadRange> ranges) throws SQLException {
    Map<ConversationId, Unread> counts = new HashMap<>();
    ranges.forEach(range -> counts.put(range.conversation(), Unread.NONE));
    try (PreparedStatement statement = connection.prepareStatement(COUNT)) {
      SqlArrays arrays = new SqlArrays(connection);
      bind(statement, 1, arrays, ranges);
      statement.setArray(4, arrays.bigints(ranges, UnreadRange::rev));
      statement.setString(5, user.value());
      bind(statement, 6, arrays, ranges);
      statement.setString(9, user.value());
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          boolean mentions = row.getBoolean(3);
          Unread counted = new Unread(mentions ? 0 : row.getLong(2), mentions ? row.getLong(2) : 0);
          counts.merge(ConversationId.of(row.getLong(1)), counted, UnreadCounts::sum);
        }
      }
    }
    return counts;
  }

  private static Unread sum(Unread one, Unread other) {
    return new Unread(one.messages() + other.messages(), one.mentions() + other.mentions());
  }

  private static void bind(
      PreparedStatement statement, int from, SqlArrays arrays, List<UnreadRange> ranges)
      throws SQLException {
    statement.setArray(from, arrays.bigints(ranges, range -> range.conversation().value()));
    statement.setArray(from + 1, arrays.bigints(ranges, UnreadRange::afterSeq));
    statement.setArray(from + 2, arrays.bigints(ranges, UnreadRange::upToSeq));
  }
}
