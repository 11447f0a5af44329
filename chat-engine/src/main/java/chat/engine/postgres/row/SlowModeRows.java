package chat.engine.postgres.row;

import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.postgres.connection.SqlArrays;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * When members who have to wait sent last, as rows of {@code chat_slow_mode_sends}; read and
 * written while their conversations are locked.
 */
public final class SlowModeRows {
  private static final String READ =
      "SELECT s.conversation_id, s.user_id, s.sent_at FROM unnest(?::bigint[], ?::text[]) AS d (c, u)"
          + " JOIN chat_slow_mode_sends s ON s.conversation_id = d.c AND s.user_id = d.u";

  private static final String WRITE =
      "INSERT INTO chat_slow_mode_sends AS s (conversation_id, user_id, sent_at)"
          + " SELECT c, u, t FROM unnest(?::bigint[], ?::text[], ?::timestamptz[]) AS d (c, u, t)"
          + " ON CONFLICT (conversation_id, user_id) DO UPDATE SET sent_at = excluded.sent_at";

  private static final String FORGET = "DELETE FROM chat_slow_mode_sends WHERE conversation_id = ?";

  private SlowModeRows() {}

  /** Those among the members that have sent. */
  public static Map<MemberKey, Instant> read(Connection connection, Collection<MemberKey> members)
      throws SQLException {
    List<MemberKey> keys = List.copyOf(members);
    SqlArrays arrays = new SqlArrays(connection);
    Map<MemberKey, Instant> found = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(READ)) {
      statement.setArray(1, arrays.bigints(keys, key -> key.conversation().value()));
      statement.setArray(2, arrays.texts(keys, key -> key.user().value()));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          found.put(
              new MemberKey(ConversationId.of(row.getLong(1)), UserId.of(row.getString(2))),
              row.getTimestamp(3).toInstant());
        }
      }
    }
    return found;
  }

  public static void write(Connection connection, Map<MemberKey, Instant> sent)
      throws SQLException {
    List<MemberKey> keys = List.copyOf(sent.keySet());
    SqlArrays arrays = new SqlArrays(connection);
    try (PreparedStatement statement = connection.prepareStatement(WRITE)) {
      statement.setArray(1, arrays.bigints(keys, key -> key.conversation().value()));
      statement.setArray(2, arrays.texts(keys, key -> key.user().value()));
      statement.setArray(3, arrays.times(keys, key -> Objects.requireNonNull(sent.get(key))));
      statement.executeUpdate();
    }
  }

  /** The group is in slow mode no more. */
  public static void forget(Connection connection, ConversationId group) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(FORGET)) {
      statement.setLong(1, group.value());
      statement.executeUpdate();
    }
  }
}
