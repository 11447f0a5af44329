package chat.engine.postgres.user;

import chat.engine.ConversationId;
import chat.engine.Privacy;
import chat.engine.UserId;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.postgres.row.CommitRows;
import chat.engine.postgres.row.MemberKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Privacy settings as rows of {@code chat_privacy}; a user without a row shows everything. */
public final class PrivacyRows {
  private static final String INSERT =
      "INSERT INTO chat_privacy (user_id, last_seen, read_receipts, version)"
          + " VALUES (?, 'E', true, 0) ON CONFLICT DO NOTHING";

  private static final String LOCK =
      "SELECT last_seen, read_receipts, version, shown_at FROM chat_privacy WHERE user_id = ?"
          + " FOR UPDATE";

  private static final String UPDATE =
      "UPDATE chat_privacy SET last_seen = ?, read_receipts = ?, version = ?, shown_at = ?"
          + " WHERE user_id = ?";

  private static final String FIND =
      "SELECT last_seen, read_receipts, version, user_id FROM chat_privacy WHERE user_id = ANY (?)"
          + " AND version > 0";

  /** Both by the primary key. */
  private static final String DIRECT_PEERS =
      "SELECT peer_high FROM chat_direct_conversations WHERE peer_low = ? AND peer_high = ANY (?)"
          + " UNION ALL SELECT peer_low FROM chat_direct_conversations"
          + " WHERE peer_low = ANY (?) AND peer_high = ?";

  /** By chat_members_by_user_and_conversation. */
  private static final String MEMBER_IN =
      "SELECT m.conversation_id FROM chat_members m JOIN chat_conversation_counters c"
          + " ON c.conversation_id = m.conversation_id WHERE m.user_id = ?"
          + " ORDER BY coalesce(c.active_at, 0) DESC, m.conversation_id DESC LIMIT ?";

  /**
   * A row that is locked until the transaction ends.
   *
   * @param shownAt when read receipts were shown again last; null for never
   */
  public record Locked(Privacy privacy, @Nullable Instant shownAt) {}

  private PrivacyRows() {}

  public static Locked lock(Connection connection, UserId user) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
      statement.setString(1, user.value());
      statement.executeUpdate();
    }
    try (PreparedStatement statement = connection.prepareStatement(LOCK)) {
      statement.setString(1, user.value());
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        Timestamp shownAt = row.getTimestamp(4);
        return new Locked(read(row), shownAt == null ? null : shownAt.toInstant());
      }
    }
  }

  public static void update(Connection connection, UserId user, Locked now) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(UPDATE)) {
      statement.setString(1, code(now.privacy().lastSeen()));
      statement.setBoolean(2, now.privacy().readReceipts());
      statement.setLong(3, now.privacy().version());
      statement.setTimestamp(4, now.shownAt() == null ? null : Timestamp.from(now.shownAt()));
      statement.setString(5, user.value());
      statement.executeUpdate();
    }
  }

  public static Map<UserId, Privacy> find(Connection connection, Collection<UserId> users)
      throws SQLException {
    Map<UserId, Privacy> found = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(FIND)) {
      statement.setArray(1, new SqlArrays(connection).texts(List.copyOf(users), UserId::value));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          found.put(UserId.fromStored(rows.getString(4)), read(rows));
        }
      }
    }
    return found;
  }

  private static Privacy read(ResultSet row) throws SQLException {
    return new Privacy(audience(row.getString(1)), row.getBoolean(2), row.getLong(3));
  }

  private static String code(Privacy.Audience audience) {
    return switch (audience) {
      case EVERYONE -> "E";
      case CONTACTS -> "C";
      case NOBODY -> "N";
    };
  }

  private static Privacy.Audience audience(String code) {
    return switch (code) {
      case "E" -> Privacy.Audience.EVERYONE;
      case "C" -> Privacy.Audience.CONTACTS;
      case "N" -> Privacy.Audience.NOBODY;
      default -> throw new IllegalStateException("unknown code of an audience " + code);
    };
  }

  public static Set<UserId> directPeers(Connection connection, UserId user, Set<UserId> others)
      throws SQLException {
    Set<UserId> peers = new HashSet<>();
    SqlArrays arrays = new SqlArrays(connection);
    List<UserId> asked = List.copyOf(others);
    try (PreparedStatement statement = connection.prepareStatement(DIRECT_PEERS)) {
      statement.setString(1, user.value());
      statement.setArray(2, arrays.texts(asked, UserId::value));
      statement.setArray(3, arrays.texts(asked, UserId::value));
      statement.setString(4, user.value());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          peers.add(UserId.fromStored(rows.getString(1)));
        }
      }
    }
    return peers;
  }

  /**
   * Tells of the receipts of a user as if they had just moved, in the conversations active last.
   */
  public static void showReceiptsAgain(Connection connection, UserId user, int most)
      throws SQLException {
    List<MemberKey> shown = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(MEMBER_IN)) {
      statement.setString(1, user.value());
      statement.setInt(2, most);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          shown.add(new MemberKey(ConversationId.of(rows.getLong(1)), user));
        }
      }
    }
    if (!shown.isEmpty()) {
      try (PreparedStatement statement =
          connection.prepareStatement(CommitRows.insertReceipts(shown.size()))) {
        CommitRows.bindReceipts(statement, 1, shown);
        statement.executeUpdate();
      }
    }
  }
}
