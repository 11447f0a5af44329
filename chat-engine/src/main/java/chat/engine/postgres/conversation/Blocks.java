package chat.engine.postgres.conversation;

import chat.engine.Conversation;
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
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Blocks one user for another, in the transaction of a connection: first takes the pair of users
 * for itself, among blocks and, as opening their conversation would, among those who open it, then
 * locks the counter of their conversation if they have one, writes the row, and sets the flag that
 * appends look at.
 */
public final class Blocks {
  private static final String INSERT =
      "INSERT INTO chat_blocks (user_id, blocked_id, created_at) VALUES (?, ?, ?)"
          + " ON CONFLICT DO NOTHING";

  private static final String DELETE =
      "DELETE FROM chat_blocks WHERE user_id = ? AND blocked_id = ?";

  /** Of two users, whether they have a conversation or not; the text that is hashed names both. */
  private static final String LOCK_PAIR = "SELECT pg_advisory_xact_lock(hashtextextended(?, 0))";

  private static final String LOCK =
      "SELECT 1 FROM chat_conversation_counters WHERE conversation_id = ? FOR NO KEY UPDATE";

  private static final String FLAG =
      "UPDATE chat_conversation_counters SET blocked = ? WHERE conversation_id = ?";

  /** By the primary key, and by chat_blocks_by_blocked. */
  private static final String BETWEEN =
      "SELECT user_id, blocked_id FROM chat_blocks WHERE user_id = ANY (?)"
          + " UNION ALL SELECT blocked_id, user_id FROM chat_blocks WHERE blocked_id = ANY (?)";

  private static final String BETWEEN_ONE =
      "SELECT blocked_id FROM chat_blocks WHERE user_id = ? AND blocked_id = ANY (?)"
          + " UNION ALL SELECT user_id FROM chat_blocks WHERE blocked_id = ? AND user_id = ANY (?)";

  private static final String PAGE =
      "SELECT blocked_id FROM chat_blocks WHERE user_id = ? AND blocked_id > ?"
          + " ORDER BY blocked_id LIMIT ?";

  private Blocks() {}

  public static boolean set(
      Connection connection, UserId user, UserId other, boolean on, Instant now)
      throws SQLException {
    Conversation pair = Conversation.direct(ConversationId.of(1), user, other, now);
    lock(connection, pair.peers());
    ConversationId direct = ConversationRows.findOrLockDirect(connection, pair.peers());
    if (direct != null) {
      lock(connection, direct);
    }
    boolean changed = on ? insert(connection, user, other, now) : delete(connection, user, other);
    if (changed && direct != null) {
      flag(connection, direct, !BlockRows.blockers(connection, pair.peers()).isEmpty());
    }
    return changed;
  }

  /**
   * Citus commits the row of the counter, which lies on a worker, a moment before the rows of
   * chat_blocks. Without this lock, which ends after both, somebody who has waited for the counter
   * would read the blocks of before.
   */
  private static void lock(Connection connection, List<UserId> pair) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(LOCK_PAIR)) {
      String low = pair.get(0).value();
      statement.setString(1, "chat_blocks " + low.length() + " " + low + pair.get(1).value());
      statement.executeQuery().close();
    }
  }

  private static void lock(Connection connection, ConversationId id) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(LOCK)) {
      statement.setLong(1, id.value());
      statement.executeQuery().close();
    }
  }

  private static boolean insert(Connection connection, UserId user, UserId other, Instant now)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
      statement.setString(1, user.value());
      statement.setString(2, other.value());
      statement.setTimestamp(3, Timestamp.from(now));
      return statement.executeUpdate() > 0;
    }
  }

  private static boolean delete(Connection connection, UserId user, UserId other)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(DELETE)) {
      statement.setString(1, user.value());
      statement.setString(2, other.value());
      return statement.executeUpdate() > 0;
    }
  }

  static void flag(Connection connection, ConversationId id, boolean blocked) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(FLAG)) {
      statement.setBoolean(1, blocked);
      statement.setLong(2, id.value());
      statement.executeUpdate();
    }
  }

  public static List<UserId> page(
      Connection connection, UserId user, @Nullable UserId after, int limit) throws SQLException {
    List<UserId> page = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(PAGE)) {
      statement.setString(1, user.value());
      statement.setString(2, after == null ? "" : after.value()); // below every user id
      statement.setInt(3, limit);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          page.add(UserId.of(rows.getString(1)));
        }
      }
    }
    return page;
  }

  public static boolean has(Connection connection, UserId user, UserId other) throws SQLException {
    return BlockRows.blockers(connection, List.of(user, other)).contains(user);
  }

  public static Set<UserId> between(Connection connection, UserId user, Set<UserId> others)
      throws SQLException {
    Set<UserId> found = new HashSet<>();
    SqlArrays arrays = new SqlArrays(connection);
    List<UserId> asked = List.copyOf(others);
    try (PreparedStatement statement = connection.prepareStatement(BETWEEN_ONE)) {
      statement.setString(1, user.value());
      statement.setArray(2, arrays.texts(asked, UserId::value));
      statement.setString(3, user.value());
      statement.setArray(4, arrays.texts(asked, UserId::value));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          found.add(UserId.of(rows.getString(1)));
        }
      }
    }
    return found;
  }

  public static Map<UserId, Set<UserId>> between(Connection connection, Set<UserId> users)
      throws SQLException {
    Map<UserId, Set<UserId>> found = new HashMap<>();
    SqlArrays arrays = new SqlArrays(connection);
    List<UserId> asked = List.copyOf(users);
    try (PreparedStatement statement = connection.prepareStatement(BETWEEN)) {
      statement.setArray(1, arrays.texts(asked, UserId::value));
      statement.setArray(2, arrays.texts(asked, UserId::value));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          found
              .computeIfAbsent(UserId.of(rows.getString(1)), none -> new HashSet<>())
              .add(UserId.of(rows.getString(2)));
        }
      }
    }
    return found;
  }
}
