package chat.engine.postgres.conversation;

import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.postgres.connection.SqlArrays;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Blocks as rows of {@code chat_blocks}. What appends look at is the flag {@code blocked} of the
 * counter of a direct conversation, which is set under the lock of that row; the rows say who it
 * was, and are read only where the flag is set.
 */
public final class BlockRows {
  private static final String PEERS =
      "SELECT conversation_id, peer_low, peer_high FROM chat_conversations"
          + " WHERE conversation_id = ANY (?) AND kind = 'D'";

  private static final String EXISTS =
      "SELECT user_id FROM chat_blocks WHERE user_id = ANY (?) AND blocked_id = ANY (?)";

  private BlockRows() {}

  /** Who of the two users of each direct conversation has blocked the other. */
  public static Map<ConversationId, Set<UserId>> blockers(
      Connection connection, Collection<ConversationId> conversations) throws SQLException {
    Map<ConversationId, List<UserId>> peers = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(PEERS)) {
      statement.setArray(
          1, new SqlArrays(connection).bigints(List.copyOf(conversations), ConversationId::value));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          peers.put(
              ConversationId.of(rows.getLong(1)),
              List.of(UserId.of(rows.getString(2)), UserId.of(rows.getString(3))));
        }
      }
    }
    Map<ConversationId, Set<UserId>> blockers = new HashMap<>();
    for (Map.Entry<ConversationId, List<UserId>> pair : peers.entrySet()) { // hardly ever many
      blockers.put(pair.getKey(), blockers(connection, pair.getValue()));
    }
    return blockers;
  }

  /** Who of two users has blocked the other. */
  public static Set<UserId> blockers(Connection connection, List<UserId> pair) throws SQLException {
    Set<UserId> blockers = new HashSet<>();
    try (PreparedStatement statement = connection.prepareStatement(EXISTS)) {
      SqlArrays arrays = new SqlArrays(connection);
      statement.setArray(1, arrays.texts(new ArrayList<>(pair), UserId::value));
      statement.setArray(2, arrays.texts(new ArrayList<>(pair), UserId::value));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          blockers.add(UserId.of(rows.getString(1)));
        }
      }
    }
    return blockers;
  }
}
