package chat.engine.examples.faultcheck;

import chat.engine.examples.faultcheck.feed.FollowedFeeds;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/** How far the cursors of the feeds are. Stateless. */
final class StoredFeeds {
  private static final String BEHIND =
      "SELECT EXISTS (SELECT FROM chat_conversation_counters k"
          + " CROSS JOIN (VALUES (?), (?)) f (feed)"
          + " LEFT JOIN chat_feed_positions p USING (conversation_id, feed)"
          + " WHERE k.conversation_id = ANY (?) AND (coalesce(p.seq, 0) < k.last_seq"
          + " OR coalesce(p.rev, 0) < greatest(k.rev, k.members_rev)))";

  private StoredFeeds() {}

  /** Whether there is anything in the conversations that a feed has not delivered. */
  static boolean areBehind(Connection connection, List<Long> conversations) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(BEHIND)) {
      statement.setString(1, FollowedFeeds.AUDIT);
      statement.setString(2, FollowedFeeds.BOTS);
      statement.setArray(3, connection.createArrayOf("bigint", conversations.toArray()));
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getBoolean(1);
      }
    }
  }
}
