package chat.engine.postgres.conversation;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.postgres.row.ChangeLog;
import chat.engine.postgres.row.CommitRows;
import chat.engine.spi.ConversationStore.Changed;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Deletes conversations. One transaction takes away the counter, without which nothing can be sent,
 * and everything that names the conversation; the messages, of which there can be millions, follow
 * in transactions of a bounded size. Until they are gone a row in {@code
 * chat_deleted_conversations} says so, in case the node that deletes them dies.
 */
public final class ConversationDeletion {
  // Waits for a send that holds the counter, and a send that comes later finds none.
  private static final String TAKE_COUNTER =
      "DELETE FROM chat_conversation_counters WHERE conversation_id = ? RETURNING last_seq,"
          + " greatest(rev, members_rev)";

  private static final String TAKE_CONVERSATION =
      "DELETE FROM chat_conversations c WHERE c.conversation_id = ? RETURNING "
          + ConversationRows.COLUMNS;

  private static final List<String> TABLES =
      List.of(
          "chat_members",
          "chat_bans",
          "chat_invites",
          "chat_slow_mode_sends",
          "chat_conversation_keys",
          "chat_conversation_changes",
          "chat_outbox",
          "chat_pins",
          "chat_reports",
          "chat_search_progress",
          "chat_search_buckets");

  private static final String FORGET_PAIR =
      "DELETE FROM chat_direct_conversations WHERE peer_low = ? AND peer_high = ?";

  private static final String NOTE =
      "INSERT INTO chat_deleted_conversations (conversation_id, deleted_at) VALUES (?, ?)";

  private static final String LOCK_NOTE =
      "SELECT FROM chat_deleted_conversations WHERE conversation_id = ? FOR UPDATE";

  /** By the primary key, from the lowest seq on. */
  private static final String ERASE =
      "DELETE FROM %s WHERE conversation_id = ? AND seq <= (SELECT max(seq) FROM"
          + " (SELECT seq FROM chat_messages WHERE conversation_id = ? ORDER BY seq LIMIT ?) lowest)";

  private static final String ERASE_INDEX = ERASE.formatted("chat_search");
  private static final String ERASE_MESSAGES = ERASE.formatted("chat_messages");

  /** As {@link #ERASE_MESSAGES}; those of a message go together. */
  private static final String ERASE_PARTS =
      "DELETE FROM %1$s WHERE conversation_id = ? AND seq <= (SELECT max(seq) FROM"
          + " (SELECT seq FROM %1$s WHERE conversation_id = ? ORDER BY seq LIMIT ?) lowest)";

  private static final String ERASE_REACTIONS = ERASE_PARTS.formatted("chat_reactions");
  private static final String ERASE_VERSIONS = ERASE_PARTS.formatted("chat_message_versions");

  private static final String ERASE_MENTIONS =
      "DELETE FROM chat_mentions WHERE conversation_id = ? AND (user_id, seq) IN"
          + " (SELECT user_id, seq FROM chat_mentions WHERE conversation_id = ? ORDER BY user_id, seq LIMIT ?)";

  private static final String FORGET_NOTE =
      "DELETE FROM chat_deleted_conversations WHERE conversation_id = ?";

  private static final String UNERASED =
      "SELECT conversation_id FROM chat_deleted_conversations ORDER BY deleted_at LIMIT ?";

  private ConversationDeletion() {}

  public static Optional<Changed> delete(
      Connection connection, ConversationId id, UserId actor, Instant now) throws SQLException {
    long lastSeq;
    long rev;
    try (PreparedStatement statement = connection.prepareStatement(TAKE_COUNTER)) {
      statement.setLong(1, id.value());
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return Optional.<Changed>empty();
        }
        lastSeq = row.getLong(1);
        rev = row.getLong(2);
      }
    }
    Conversation conversation = takeConversation(connection, id);
    for (String table : TABLES) {
      execute(connection, "DELETE FROM " + table + " WHERE conversation_id = ?", id);
    }
    if (!conversation.peers().isEmpty()) {
      forgetPair(connection, conversation);
    }
    ConversationChange deletion =
        new ConversationChange(
            id,
            rev + 1,
            lastSeq,
            ConversationChange.Kind.DELETED,
            actor,
            conversation.peers(),
            null,
            null,
            now);
    ChangeLog.insert(connection, deletion);
    CommitRows.insertChange(connection, id, deletion.rev());
    if (lastSeq > 0) {
      note(connection, id, now);
    }
    return Optional.of(new Changed(conversation, List.of(deletion)));
  }

  private static Conversation takeConversation(Connection connection, ConversationId id)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(TAKE_CONVERSATION)) {
      statement.setLong(1, id.value());
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          throw new IllegalStateException("conversation " + id + " has a counter only");
        }
        return ConversationRows.read(row);
      }
    }
  }

  private static void forgetPair(Connection connection, Conversation conversation)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(FORGET_PAIR)) {
      statement.setString(1, conversation.peers().get(0).value());
      statement.setString(2, conversation.peers().get(1).value());
      statement.executeUpdate();
    }
  }

  private static void note(Connection connection, ConversationId id, Instant now)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(NOTE)) {
      statement.setLong(1, id.value());
      statement.setTimestamp(2, Timestamp.from(now));
      statement.executeUpdate();
    }
  }

  private static void execute(Connection connection, String sql, ConversationId id)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, id.value());
      statement.executeUpdate();
    }
  }

  /** See {@link chat.engine.spi.ConversationStore#erase}. */
  public static boolean erase(Connection connection, ConversationId id, int limit)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(LOCK_NOTE)) {
      statement.setLong(1, id.value());
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return false; // not deleted, or erased by another node
        }
      }
    }
    erase(connection, ERASE_INDEX, id, limit);
    if (erase(connection, ERASE_REACTIONS, id, limit) >= limit
        || erase(connection, ERASE_VERSIONS, id, limit) >= limit
        || erase(connection, ERASE_MESSAGES, id, limit) == limit
        || erase(connection, ERASE_MENTIONS, id, limit) == limit) {
      return true;
    }
    execute(connection, FORGET_NOTE, id);
    return false;
  }

  private static int erase(Connection connection, String sql, ConversationId id, int limit)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, id.value());
      statement.setLong(2, id.value());
      statement.setInt(3, limit);
      return statement.executeUpdate();
    }
  }

  public static List<ConversationId> unerased(Connection connection, int limit)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(UNERASED)) {
      statement.setInt(1, limit);
      List<ConversationId> found = new ArrayList<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          found.add(ConversationId.of(row.getLong(1)));
        }
      }
      return found;
    }
  }
}
