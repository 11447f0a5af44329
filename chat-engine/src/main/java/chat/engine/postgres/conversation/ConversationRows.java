package chat.engine.postgres.conversation;

import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.GroupKey;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.postgres.row.Codes;
import chat.engine.postgres.row.CommitRows;
import chat.engine.postgres.row.MemberRows;
import chat.engine.spi.ConversationStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds or creates conversations in the transaction of a connection. Two users, and a key, have one
 * conversation each: whoever inserts their row first creates it, and others who insert it at the
 * same time wait for that transaction to end.
 */
public final class ConversationRows {
  /** Of chat_conversations as c; what {@link #read} reads. */
  public static final String COLUMNS =
      "c.conversation_id, c.kind, c.name, c.peer_low, c.peer_high, c.created_at, c.attributes,"
          + " c.description, c.avatar_url, c.slow_mode_seconds, c.history";

  /** How many columns that are. */
  public static final int WIDTH = 11;

  private static final int MAX_ATTEMPTS = 8;

  private static final String FIND_DIRECT =
      "SELECT "
          + COLUMNS
          + " FROM chat_direct_conversations d JOIN chat_conversations c USING (conversation_id)"
          + " WHERE d.peer_low = ? AND d.peer_high = ?";

  private static final String CLAIM_DIRECT =
      "INSERT INTO chat_direct_conversations (peer_low, peer_high, conversation_id)"
          + " VALUES (?, ?, ?) ON CONFLICT DO NOTHING";

  private static final String UNCLAIM_DIRECT =
      "DELETE FROM chat_direct_conversations WHERE peer_low = ? AND peer_high = ? AND conversation_id = ?";

  private static final String FIND_KEY =
      "SELECT "
          + COLUMNS
          + " FROM chat_conversation_keys k JOIN chat_conversations c USING (conversation_id)"
          + " WHERE k.scope = ? AND k.key = ?";

  private static final String CLAIM_KEY =
      "INSERT INTO chat_conversation_keys (scope, key, conversation_id)"
          + " VALUES (?, ?, ?) ON CONFLICT DO NOTHING";

  private static final String KEY_OF =
      "SELECT scope, key FROM chat_conversation_keys WHERE conversation_id = ?";

  /** Taken back at once; what stays until the end of the transaction is that others wait for it. */
  private static final String UNCLAIM_KEY =
      "DELETE FROM chat_conversation_keys WHERE scope = ? AND key = ? AND conversation_id = ?";

  private static final long NO_CONVERSATION = 0;

  private static final String INSERT =
      "INSERT INTO chat_conversations (conversation_id, kind, name, peer_low, peer_high, created_at, attributes, history)"
          + " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";

  private static final String INSERT_COUNTER =
      "INSERT INTO chat_conversation_counters (conversation_id) VALUES (?)";

  private ConversationRows() {}

  public static Conversation read(ResultSet row) throws SQLException {
    ConversationId id = ConversationId.of(row.getLong(1));
    Instant createdAt = row.getTimestamp(6).toInstant();
    return Codes.conversationKind(row.getString(2)) == ConversationKind.DIRECT
        ? Conversation.direct(
            id, UserId.of(row.getString(4)), UserId.of(row.getString(5)), createdAt)
        : new Conversation(
            id,
            ConversationKind.GROUP,
            row.getString(3),
            List.of(),
            createdAt,
            row.getString(7),
            row.getString(8),
            row.getString(9),
            Duration.ofSeconds(row.getInt(10)), // 0 for null
            Codes.history(row.getString(11)));
  }

  public static Map<ConversationId, ConversationStore.Found> find(
      Connection connection, Collection<ConversationId> ids) throws SQLException {
    String sql =
        "SELECT "
            + COLUMNS
            + ", greatest(k.rev, k.members_rev), k.last_seq, k.blocked FROM chat_conversations c"
            + " JOIN chat_conversation_counters k USING (conversation_id) WHERE c.conversation_id = ANY (?)";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(
          1, new SqlArrays(connection).bigints(List.copyOf(ids), ConversationId::value));
      Map<ConversationId, ConversationStore.Found> found = new HashMap<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          Conversation conversation = read(rows);
          found.put(
              conversation.id(),
              new ConversationStore.Found(
                  conversation,
                  rows.getLong(WIDTH + 1),
                  rows.getLong(WIDTH + 2),
                  rows.getBoolean(WIDTH + 3)));
        }
      }
      return found;
    }
  }

  /** One that is created between users of whom one has blocked the other is blocked at once. */
  public static Conversation direct(Connection connection, Conversation proposed)
      throws SQLException {
    return Objects.requireNonNull(direct(connection, proposed, true));
  }

  /** As {@link #direct(Connection, Conversation)}; null if it would have to be blocked at once. */
  public static @Nullable Conversation directUnlessBlocked(
      Connection connection, Conversation proposed) throws SQLException {
    return direct(connection, proposed, false);
  }

  private static @Nullable Conversation direct(
      Connection connection, Conversation proposed, boolean evenIfBlocked) throws SQLException {
    String low = proposed.peers().get(0).value();
    String high = proposed.peers().get(1).value();
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      Conversation found = find(connection, FIND_DIRECT, low, high);
      if (found != null) {
        return found;
      }
      if (!claim(connection, CLAIM_DIRECT, low, high, proposed.id().value())) {
        continue;
      }
      // From here on nobody blocks, and what was blocked before is visible.
      boolean blocked = !BlockRows.blockers(connection, proposed.peers()).isEmpty();
      if (blocked && !evenIfBlocked) {
        unclaim(connection, UNCLAIM_DIRECT, low, high, proposed.id().value());
        return null;
      }
      create(
          connection,
          proposed,
          Map.of(
              proposed.peers().get(0), Role.MEMBER,
              proposed.peers().get(1), Role.MEMBER));
      if (blocked) {
        Blocks.flag(connection, proposed.id(), true);
      }
      return proposed;
    }
    throw new IllegalStateException("a conversation is created and deleted again and again");
  }

  /**
   * The direct conversation of two users. If there is none, the pair is locked: until this
   * transaction ends nobody opens one, or locks the pair, and those who try wait.
   *
   * @param pair in order
   */
  static @Nullable ConversationId findOrLockDirect(Connection connection, List<UserId> pair)
      throws SQLException {
    String low = pair.get(0).value();
    String high = pair.get(1).value();
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      Conversation found = find(connection, FIND_DIRECT, low, high);
      if (found != null) {
        return found.id();
      }
      if (claim(connection, CLAIM_DIRECT, low, high, NO_CONVERSATION)) { // as for a key, see there
        unclaim(connection, UNCLAIM_DIRECT, low, high, NO_CONVERSATION);
        return null;
      }
    }
    throw new IllegalStateException("a conversation is created and deleted again and again");
  }

  public static Conversation group(
      Connection connection,
      ConversationStore.Key key,
      Conversation proposed,
      Map<UserId, Role> members)
      throws SQLException {
    String scope = key.scope().value();
    String value = key.value().value();
    return findOrCreate(connection, FIND_KEY, CLAIM_KEY, scope, value, proposed, members);
  }

  public static Optional<Conversation> find(Connection connection, ConversationStore.Key key)
      throws SQLException {
    return Optional.ofNullable(
        find(connection, FIND_KEY, key.scope().value(), key.value().value()));
  }

  public static Optional<ConversationStore.Key> keyOf(Connection connection, ConversationId id)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(KEY_OF)) {
      statement.setLong(1, id.value());
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? Optional.of(
                new ConversationStore.Key(
                    UserId.fromStored(row.getString(1)), GroupKey.of(row.getString(2))))
            : Optional.<ConversationStore.Key>empty();
      }
    }
  }

  /** See {@link chat.engine.spi.StoreTransaction#findOrLock}. */
  public static Optional<Conversation> findOrLock(Connection connection, ConversationStore.Key key)
      throws SQLException {
    String scope = key.scope().value();
    String value = key.value().value();
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      Conversation found = find(connection, FIND_KEY, scope, value);
      if (found != null) {
        return Optional.of(found);
      }
      // Waits for a transaction that creates the group, as a creation would. A row that is inserted
      // and deleted makes others wait as well, and unlike an advisory lock it is noticed by
      // transactions with a snapshot from before.
      if (claim(connection, CLAIM_KEY, scope, value, NO_CONVERSATION)) {
        unclaim(connection, UNCLAIM_KEY, scope, value, NO_CONVERSATION);
        return Optional.empty();
      }
    }
    throw new IllegalStateException("a conversation is created and deleted again and again");
  }

  private static void unclaim(
      Connection connection, String sql, String first, String second, long conversation)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, first);
      statement.setString(2, second);
      statement.setLong(3, conversation);
      statement.executeUpdate();
    }
  }

  private static Conversation findOrCreate(
      Connection connection,
      String find,
      String claim,
      String first,
      String second,
      Conversation proposed,
      Map<UserId, Role> members)
      throws SQLException {
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      Conversation found = find(connection, find, first, second);
      if (found != null) {
        return found;
      }
      if (claim(connection, claim, first, second, proposed.id().value())) {
        create(connection, proposed, members);
        return proposed;
      }
      // Another created it meanwhile; or it was deleted meanwhile, and is created anew.
    }
    throw new IllegalStateException("a conversation is created and deleted again and again");
  }

  private static @Nullable Conversation find(
      Connection connection, String sql, String first, String second) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, first);
      statement.setString(2, second);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? read(row) : null;
      }
    }
  }

  private static boolean claim(
      Connection connection, String sql, String first, String second, long conversation)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, first);
      statement.setString(2, second);
      statement.setLong(3, conversation);
      return statement.executeUpdate() > 0;
    }
  }

  /**
   * @return false if there is a conversation of this id
   */
  public static boolean create(
      Connection connection, Conversation conversation, Map<UserId, Role> members)
      throws SQLException {
    boolean direct = !conversation.peers().isEmpty();
    try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
      statement.setLong(1, conversation.id().value());
      statement.setString(2, Codes.of(conversation.kind()));
      statement.setString(3, conversation.name());
      statement.setString(4, direct ? conversation.peers().get(0).value() : null);
      statement.setString(5, direct ? conversation.peers().get(1).value() : null);
      statement.setTimestamp(6, Timestamp.from(conversation.createdAt()));
      statement.setString(7, conversation.attributes());
      statement.setString(8, Codes.of(conversation.history()));
      if (statement.executeUpdate() == 0) {
        return false;
      }
    }
    try (PreparedStatement statement = connection.prepareStatement(INSERT_COUNTER)) {
      statement.setLong(1, conversation.id().value());
      statement.executeUpdate();
    }
    List<MemberRows.Joining> founders =
        members.entrySet().stream()
            .map(member -> new MemberRows.Joining(member.getKey(), member.getValue()))
            .toList();
    if (!founders.isEmpty()) {
      MemberRows.insert(connection, conversation.id(), founders, conversation.createdAt(), 0, 0);
    }
    CommitRows.insertChange(connection, conversation.id(), 0);
    return true;
  }
}
