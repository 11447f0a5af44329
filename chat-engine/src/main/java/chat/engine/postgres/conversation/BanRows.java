package chat.engine.postgres.conversation;

import chat.engine.Ban;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.postgres.connection.SqlArrays;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Bans as rows of {@code chat_bans}; written while the conversation is locked. */
public final class BanRows {
  private static final String PUT =
      "INSERT INTO chat_bans AS b (conversation_id, user_id, banned_by, banned_at, until_at)"
          + " VALUES (?, ?, ?, ?, ?) ON CONFLICT (conversation_id, user_id) DO UPDATE"
          + " SET banned_by = excluded.banned_by, banned_at = excluded.banned_at, until_at = excluded.until_at";

  private static final String REMOVE_OVER =
      "DELETE FROM chat_bans WHERE conversation_id = ? AND until_at <= ?";

  private static final String REMOVE =
      "DELETE FROM chat_bans WHERE conversation_id = ? AND user_id = ANY (?)";

  private static final String SELECT =
      "SELECT user_id, banned_by, banned_at, until_at FROM chat_bans"
          + " WHERE conversation_id = ? AND (until_at IS NULL OR until_at > ?)";

  /** A range of the primary key. */
  private static final String PAGE = SELECT + " AND user_id > ? ORDER BY user_id LIMIT ?";

  private static final String AMONG = SELECT + " AND user_id = ANY (?)";

  private BanRows() {}

  /** Bans the subjects of a change, and takes out the bans that were over before it. */
  public static void put(Connection connection, ConversationChange banned) throws SQLException {
    Timestamp now = Timestamp.from(banned.at());
    Instant until = banned.until();
    try (PreparedStatement statement = connection.prepareStatement(REMOVE_OVER)) {
      statement.setLong(1, banned.conversation().value());
      statement.setTimestamp(2, now);
      statement.executeUpdate();
    }
    for (UserId user : banned.subjects()) {
      try (PreparedStatement statement = connection.prepareStatement(PUT)) {
        statement.setLong(1, banned.conversation().value());
        statement.setString(2, user.value());
        statement.setString(3, banned.actor().value());
        statement.setTimestamp(4, now);
        statement.setTimestamp(5, until == null ? null : Timestamp.from(until));
        statement.executeUpdate();
      }
    }
  }

  public static void remove(Connection connection, ConversationId id, List<UserId> users)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(REMOVE)) {
      statement.setLong(1, id.value());
      statement.setArray(2, new SqlArrays(connection).texts(users, UserId::value));
      statement.executeUpdate();
    }
  }

  /** See {@link chat.engine.spi.ConversationStore#bans(ConversationId, UserId, int, Instant)}. */
  public static List<Ban> page(
      Connection connection, ConversationId id, @Nullable UserId after, int limit, Instant now)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(PAGE)) {
      statement.setLong(1, id.value());
      statement.setTimestamp(2, Timestamp.from(now));
      statement.setString(3, after == null ? "" : after.value()); // below every user id
      statement.setInt(4, limit);
      return read(statement);
    }
  }

  /** See {@link chat.engine.spi.ConversationStore#bans(ConversationId, Collection, Instant)}. */
  public static List<Ban> among(
      Connection connection, ConversationId id, Collection<UserId> users, Instant now)
      throws SQLException {
    if (users.isEmpty()) {
      return List.of();
    }
    try (PreparedStatement statement = connection.prepareStatement(AMONG)) {
      statement.setLong(1, id.value());
      statement.setTimestamp(2, Timestamp.from(now));
      statement.setArray(3, new SqlArrays(connection).texts(List.copyOf(users), UserId::value));
      return read(statement);
    }
  }

  private static List<Ban> read(PreparedStatement statement) throws SQLException {
    List<Ban> found = new ArrayList<>();
    try (ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        Timestamp until = row.getTimestamp(4);
        found.add(
            new Ban(
                UserId.of(row.getString(1)),
                UserId.fromStored(row.getString(2)),
                row.getTimestamp(3).toInstant(),
                until == null ? null : until.toInstant()));
      }
    }
    return found;
  }
}
