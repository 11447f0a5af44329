package chat.engine.examples.faultcheck;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/** How far the cursors of the feeds are. Stateless. */
public final class StoredFeeds {
  private static final String BEHIND =
      "SELECT EXISTS (SELECT FROM chat_conversation_counters k"
          + " CROSS JOIN unnest(?) f (feed)"
          + " LEFT JOIN chat_feed_positions p USING (conversation_id, feed)"
          + " WHERE k.conversation_id = ANY (?) AND (coalesce(p.seq, 0) < k.last_seq"
          + " OR coalesce(p.rev, 0) < greatest(k.rev, k.members_rev)))";

  private StoredFeeds() {}

  /** Whether there is anything in the conversations that a feed has not delivered. */
  public static boolean areBehind(
      Connection connection, List<String> feeds, List<Long> conversations) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(BEHIND)) {
      statement.setArray(1, connection.createArrayOf("text", feeds.toArray()));
      statement.setArray(2, connection.createArrayOf("bigint", conversations.toArray()));
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getBoolean(1);
      }
    }
  }
}
