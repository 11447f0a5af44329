package chat.engine.postgres.search;

import chat.engine.ConversationId;
import chat.engine.SearchCursor;
import chat.engine.spi.search.MessageSearch.Request;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a user's messages are: the buckets of the index, and the conversations whose newest
 * messages, or whose last changes, are not indexed yet.
 */
final class SearchPlaces {
  /** Of so many buckets only the newest are searched: 20 million messages, or 20,000 groups. */
  static final int MOST_BUCKETS = 20_000;

  private static final String BUCKETS =
      "SELECT b.conversation_id, b.bucket, b.oldest, b.newest FROM chat_members m"
          + " JOIN chat_search_buckets b ON b.conversation_id = m.conversation_id"
          + " WHERE m.user_id = ? AND b.oldest <= ?%s ORDER BY b.newest DESC LIMIT "
          + MOST_BUCKETS;

  private static final String TAILS =
      "SELECT c.conversation_id, c.last_seq, greatest(c.rev, c.members_rev),"
          + " coalesce(p.indexed_seq, 0), coalesce(p.indexed_rev, 0) FROM chat_members m"
          + " JOIN chat_conversation_counters c ON c.conversation_id = m.conversation_id"
          + " LEFT JOIN chat_search_progress p ON p.conversation_id = c.conversation_id"
          + " WHERE m.user_id = ?%s AND (p.indexed_seq IS NULL OR p.indexed_seq < c.last_seq"
          + " OR p.indexed_rev < greatest(c.rev, c.members_rev))";

  private static final String ONE = " AND m.conversation_id = ?";

  private SearchPlaces() {}

  /**
   * A bucket, or what is left of it.
   *
   * @param oldest no message of it was sent earlier
   * @param newest no message that is left was sent later
   * @param before only messages before this are left
   */
  record Bucket(
      ConversationId conversation,
      long number,
      Instant oldest,
      Instant newest,
      SearchCursor before) {
    Bucket left(SearchCursor from) {
      return new Bucket(conversation, number, oldest, from.at(), from);
    }

    /** What was sent before a time, which is in whole milliseconds as all times of messages are. */
    Bucket before(Instant time) {
      return new Bucket(
          conversation, number, oldest, time.minusMillis(1), new SearchCursor(time, 0));
    }
  }

  /** What of a conversation is not indexed: messages and changes above what is. */
  record Tail(
      ConversationId conversation, long lastSeq, long rev, long indexedSeq, long indexedRev) {}

  static List<Bucket> buckets(Connection connection, Request request) throws SQLException {
    SearchCursor before = request.before();
    List<Bucket> found = new ArrayList<>();
    try (PreparedStatement statement = prepare(connection, BUCKETS, request)) {
      statement.setTimestamp(2, Timestamp.from(before.at()));
      bindConversation(statement, 3, request);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          Instant newest = row.getTimestamp(4).toInstant();
          found.add(
              new Bucket(
                  ConversationId.of(row.getLong(1)),
                  row.getLong(2),
                  row.getTimestamp(3).toInstant(),
                  newest.isAfter(before.at()) ? before.at() : newest,
                  before));
        }
      }
    }
    return found;
  }

  static List<Tail> tails(Connection connection, Request request) throws SQLException {
    List<Tail> found = new ArrayList<>();
    try (PreparedStatement statement = prepare(connection, TAILS, request)) {
      bindConversation(statement, 2, request);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          found.add(
              new Tail(
                  ConversationId.of(row.getLong(1)),
                  row.getLong(2),
                  row.getLong(3),
                  row.getLong(4),
                  row.getLong(5)));
        }
      }
    }
    return found;
  }

  private static PreparedStatement prepare(Connection connection, String sql, Request request)
      throws SQLException {
    PreparedStatement statement =
        connection.prepareStatement(sql.formatted(request.conversation() == null ? "" : ONE));
    statement.setString(1, request.user().value());
    return statement;
  }

  private static void bindConversation(PreparedStatement statement, int index, Request request)
      throws SQLException {
    ConversationId only = request.conversation();
    if (only != null) {
      statement.setLong(index, only.value());
    }
  }
}
