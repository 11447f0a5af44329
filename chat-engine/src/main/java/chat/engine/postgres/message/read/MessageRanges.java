package chat.engine.postgres.message.read;

import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.postgres.row.MessageRows;
import chat.engine.postgres.row.ReplyPreviews;
import chat.engine.spi.MessageStore.Range;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Reads several pieces of several conversations in one statement. Seqs have no gaps, so the limit
 * of a range is an upper bound of its seqs, which also Citus can read from all shards at once. A
 * range in which messages are missing all the same is read again, with a limit.
 */
public final class MessageRanges {
  /**
   * One scan of a range of the primary key for each element of the arrays: PostgreSQL does not
   * flatten a subquery that is sorted, so the planner's guess for the size of an array cannot lead
   * to a sequential scan.
   */
  private static final String ALL =
      "SELECT "
          + MessageRows.COLUMNS
          + " FROM unnest(?::bigint[], ?::bigint[], ?::bigint[]) AS d (c, low, high)"
          + " CROSS JOIN LATERAL (SELECT * FROM chat_messages x WHERE x.conversation_id = d.c"
          + " AND x.seq > d.low AND x.seq <= d.high ORDER BY x.seq) m";

  private static final String ONE =
      "SELECT "
          + MessageRows.COLUMNS
          + " FROM chat_messages m WHERE m.conversation_id = ? AND m.seq > ? AND m.seq <= ?"
          + " ORDER BY m.seq LIMIT ?";

  private MessageRanges() {}

  public static Map<ConversationId, List<Message>> read(Connection connection, List<Range> ranges)
      throws SQLException {
    Map<ConversationId, List<Message>> found = new LinkedHashMap<>();
    ranges.forEach(range -> found.put(range.conversation(), new ArrayList<>()));
    try (PreparedStatement statement = connection.prepareStatement(ALL)) {
      SqlArrays arrays = new SqlArrays(connection);
      statement.setArray(1, arrays.bigints(ranges, range -> range.conversation().value()));
      statement.setArray(2, arrays.bigints(ranges, Range::afterSeq));
      statement.setArray(3, arrays.bigints(ranges, MessageRanges::lastWithoutGaps));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          Message message = MessageRows.read(row);
          Objects.requireNonNull(found.get(message.conversation())).add(message);
        }
      }
    }
    for (Range range : ranges) {
      List<Message> piece = Objects.requireNonNull(found.get(range.conversation()));
      if (piece.size() < range.limit() && lastWithoutGaps(range) < range.upToSeq()) {
        found.put(range.conversation(), readOne(connection, range));
      } else {
        piece.sort(Comparator.comparingLong(Message::seq)); // shards have no common order
      }
    }
    return ReplyPreviews.added(connection, found);
  }

  /** The last seq of the range if there is no gap in it. */
  private static long lastWithoutGaps(Range range) {
    return range.upToSeq() - range.afterSeq() > range.limit()
        ? range.afterSeq() + range.limit()
        : range.upToSeq();
  }

  private static List<Message> readOne(Connection connection, Range range) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(ONE)) {
      statement.setLong(1, range.conversation().value());
      statement.setLong(2, range.afterSeq());
      statement.setLong(3, range.upToSeq());
      statement.setInt(4, range.limit());
      List<Message> piece = new ArrayList<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          piece.add(MessageRows.read(row));
        }
      }
      return piece;
    }
  }
}
