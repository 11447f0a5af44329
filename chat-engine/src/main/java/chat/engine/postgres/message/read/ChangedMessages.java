package chat.engine.postgres.message.read;

import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.postgres.row.ChangeLog;
import chat.engine.postgres.row.MessageRows;
import chat.engine.postgres.row.ReplyPreviews;
import chat.engine.postgres.row.RowLocks;
import chat.engine.spi.MessageStore.ChangedAfter;
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
 * Finds the messages of several conversations that were changed since. The log is read in the order
 * of the revs, by its primary key, up to the limit; an entry counts if its message still has the
 * rev of the entry, else a later entry stands for that message. So the cost is that of what
 * happened since, however many messages there are.
 */
public final class ChangedMessages {
  /** In the order of their revs. Takes a conversation, twice, a rev, a seq and a limit. */
  private static final String PIECE =
      "SELECT m.* FROM chat_conversation_changes l JOIN "
          + ChangeLog.MESSAGE
          + " ON m.rev = l.rev"
          + " WHERE l.conversation_id = %s AND l.rev > %s AND l.message_seq <= %s"
          + " ORDER BY l.rev LIMIT %s";

  private static final String ALL =
      "SELECT "
          + MessageRows.COLUMNS
          + " FROM unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[]) AS d (c, v, s, n)"
          + " CROSS JOIN LATERAL ("
          + PIECE.formatted("d.c", "d.c", "d.v", "d.s", "d.n")
          + ") m";

  private static final String ONE =
      "SELECT "
          + MessageRows.COLUMNS
          + " FROM ("
          + PIECE.formatted("?", "?", "?", "?", "?")
          + ") m";

  private ChangedMessages() {}

  /** In one statement, or, on Citus, in one for each piece, which travel together. */
  public static Map<ConversationId, List<Message>> read(
      Connection connection, RowLocks locks, List<ChangedAfter> pieces) throws SQLException {
    Map<ConversationId, List<Message>> found = new LinkedHashMap<>();
    pieces.forEach(piece -> found.put(piece.conversation(), new ArrayList<>()));
    if (locks == RowLocks.ONE_BY_ONE) {
      RowLocks.each(connection, "", ONE, pieces, ChangedMessages::bind, row -> collect(row, found));
    } else {
      try (PreparedStatement statement = connection.prepareStatement(ALL)) {
        SqlArrays arrays = new SqlArrays(connection);
        statement.setArray(1, arrays.bigints(pieces, piece -> piece.conversation().value()));
        statement.setArray(2, arrays.bigints(pieces, ChangedAfter::afterRev));
        statement.setArray(3, arrays.bigints(pieces, ChangedAfter::upToSeq));
        statement.setArray(4, arrays.bigints(pieces, piece -> (long) piece.limit()));
        try (ResultSet row = statement.executeQuery()) {
          while (row.next()) {
            collect(row, found);
          }
        }
      }
    }
    found.values().forEach(piece -> piece.sort(Comparator.comparingLong(Message::rev)));
    return ReplyPreviews.added(connection, found);
  }

  private static int bind(PreparedStatement statement, int from, ChangedAfter piece)
      throws SQLException {
    statement.setLong(from, piece.conversation().value());
    statement.setLong(from + 1, piece.conversation().value());
    statement.setLong(from + 2, piece.afterRev());
    statement.setLong(from + 3, piece.upToSeq());
    statement.setInt(from + 4, piece.limit());
    return from + 5;
  }

  private static void collect(ResultSet row, Map<ConversationId, List<Message>> found)
      throws SQLException {
    Message message = MessageRows.read(row);
    Objects.requireNonNull(found.get(message.conversation())).add(message);
  }
}
