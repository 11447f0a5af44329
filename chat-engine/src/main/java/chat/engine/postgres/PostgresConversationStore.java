package chat.engine.postgres;

import chat.engine.Ban;
import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.Member;
import chat.engine.MemberList;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.postgres.connection.Transactions;
import chat.engine.postgres.conversation.BanRows;
import chat.engine.postgres.conversation.ConversationDeletion;
import chat.engine.postgres.conversation.ConversationRows;
import chat.engine.postgres.conversation.GroupChanges;
import chat.engine.postgres.conversation.PreferencesEdits;
import chat.engine.postgres.conversation.PreferencesRows;
import chat.engine.postgres.conversation.ReceiptMoves;
import chat.engine.postgres.conversation.UnreadCounts;
import chat.engine.postgres.row.ChangeLog;
import chat.engine.postgres.row.Codes;
import chat.engine.postgres.row.MemberKey;
import chat.engine.postgres.row.MemberRows;
import chat.engine.postgres.row.RetentionRows;
import chat.engine.postgres.row.RowLocks;
import chat.engine.spi.ConversationStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Conversations, members and changes in their tables. How conversations begin is in {@link
 * ConversationRows}, how a group changes in {@link GroupChanges}, how a conversation ends in {@link
 * ConversationDeletion}, how receipts move in {@link ReceiptMoves}, how preferences change in
 * {@link PreferencesEdits}.
 */
final class PostgresConversationStore implements ConversationStore {
  /** A range of chat_members_by_user_and_conversation, and two look-ups for each of its rows. */
  private static final String SUMMARIES =
      "SELECT m.conversation_id, c.kind, c.history, greatest(k.rev, k.members_rev), k.last_seq,"
          + " m.read_seq, coalesce(k.active_at, (extract(epoch FROM c.created_at) * 1000)::bigint),"
          + " m.preferences_version, m.joined_seq"
          + " FROM chat_members m"
          + " JOIN chat_conversations c USING (conversation_id)"
          + " JOIN chat_conversation_counters k USING (conversation_id)"
          + " WHERE m.user_id = ? ORDER BY m.conversation_id";

  private static final String MEMBERSHIPS =
      "SELECT "
          + ConversationRows.COLUMNS
          + ", m.role, greatest(k.rev, k.members_rev), k.last_seq, m.read_seq, m.received_seq, k.active_at, k.pins, m.joined_seq, k.first_seq, c.retention_seconds, "
          + PreferencesRows.COLUMNS
          + " FROM chat_members m"
          + " JOIN chat_conversations c USING (conversation_id)"
          + " JOIN chat_conversation_counters k USING (conversation_id) WHERE m.user_id = ?";

  private final Transactions transactions;
  private final RowLocks locks;

  PostgresConversationStore(Transactions transactions, RowLocks locks) {
    this.transactions = transactions;
    this.locks = locks;
  }

  // ---- creating

  @Override
  public Conversation openDirect(ConversationId proposed, UserId one, UserId other, Instant now) {
    Conversation wanted = Conversation.direct(proposed, one, other, now);
    return transactions.write(handle -> ConversationRows.direct(handle.getConnection(), wanted));
  }

  @Override
  public Optional<Conversation> openDirectUnlessBlocked(
      ConversationId proposed, UserId one, UserId other, Instant now) {
    Conversation wanted = Conversation.direct(proposed, one, other, now);
    return transactions.write(
        handle ->
            Optional.ofNullable(
                ConversationRows.directUnlessBlocked(handle.getConnection(), wanted)));
  }

  @Override
  public Conversation createGroup(Conversation wanted, Map<UserId, Role> members) {
    ConversationId id = wanted.id();
    return transactions.write(
        handle -> {
          // Waits for a transaction that creates the same group, and then finds its row.
          if (ConversationRows.create(handle.getConnection(), wanted, members)) {
            return wanted;
          }
          return Objects.requireNonNull(
                  ConversationRows.find(handle.getConnection(), List.of(id)).get(id))
              .conversation();
        });
  }

  @Override
  public Conversation ensureGroup(Key key, Conversation proposed, Map<UserId, Role> members) {
    return transactions.write(
        handle -> ConversationRows.group(handle.getConnection(), key, proposed, members));
  }

  @Override
  public Optional<Conversation> find(Key key) {
    return transactions.read(handle -> ConversationRows.find(handle.getConnection(), key));
  }

  @Override
  public Optional<Key> keyOf(ConversationId id) {
    return transactions.read(handle -> ConversationRows.keyOf(handle.getConnection(), id));
  }

  // ---- deleting

  @Override
  public Optional<Changed> delete(ConversationId id, UserId actor, Instant now) {
    return transactions.write(
        handle -> ConversationDeletion.delete(handle.getConnection(), id, actor, now));
  }

  @Override
  public boolean erase(ConversationId deleted, int limit) {
    return transactions.write(
        handle -> ConversationDeletion.erase(handle.getConnection(), deleted, limit));
  }

  @Override
  public List<ConversationId> unerased(int limit) {
    return transactions.read(
        handle -> ConversationDeletion.unerased(handle.getConnection(), limit));
  }

  // ---- reading

  @Override
  public Map<ConversationId, Found> find(Collection<ConversationId> ids) {
    return ids.isEmpty()
        ? Map.of()
        : transactions.read(handle -> ConversationRows.find(handle.getConnection(), ids));
  }

  @Override
  public Optional<MemberList> members(ConversationId id) {
    return transactions.read(handle -> MemberRows.list(handle.getConnection(), id));
  }

  @Override
  public Optional<MemberList> members(ConversationId id, @Nullable UserId after, int limit) {
    return transactions.read(handle -> MemberRows.page(handle.getConnection(), id, after, limit));
  }

  @Override
  public Optional<Member> member(ConversationId id, UserId user) {
    return transactions.read(handle -> MemberRows.find(handle.getConnection(), id, user));
  }

  @Override
  public Map<ConversationId, Long> readableAfter(UserId user, Collection<ConversationId> among) {
    return transactions.read(
        handle -> MemberRows.readableAfter(handle.getConnection(), user, among));
  }

  @Override
  public List<Membership> memberships(UserId user) {
    return transactions.read(
        handle -> {
          try (PreparedStatement statement =
              handle
                  .getConnection()
                  .prepareStatement(MEMBERSHIPS + " ORDER BY m.conversation_id")) {
            statement.setString(1, user.value());
            return memberships(statement);
          }
        });
  }

  @Override
  public List<Membership> memberships(UserId user, @Nullable ConversationId after, int limit) {
    // A range of chat_members_by_user_and_conversation, and two look-ups by primary key for each of
    // its rows.
    String sql = MEMBERSHIPS + " AND m.conversation_id > ? ORDER BY m.conversation_id LIMIT ?";
    return transactions.read(
        handle -> {
          try (PreparedStatement statement = handle.getConnection().prepareStatement(sql)) {
            statement.setString(1, user.value());
            statement.setLong(2, after == null ? 0 : after.value()); // below every id
            statement.setInt(3, limit);
            return memberships(statement);
          }
        });
  }

  @Override
  public List<Membership> memberships(UserId user, Collection<ConversationId> among) {
    String sql = MEMBERSHIPS + " AND m.conversation_id = ANY (?) ORDER BY m.conversation_id";
    return among.isEmpty()
        ? List.of()
        : transactions.read(
            handle -> {
              Connection connection = handle.getConnection();
              try (PreparedStatement statement = connection.prepareStatement(sql)) {
                statement.setString(1, user.value());
                statement.setArray(
                    2,
                    new SqlArrays(connection).bigints(List.copyOf(among), ConversationId::value));
                return memberships(statement);
              }
            });
  }

  @Override
  public List<MembershipSummary> summaries(UserId user) {
    return transactions.read(
        handle -> {
          try (PreparedStatement statement = handle.getConnection().prepareStatement(SUMMARIES)) {
            statement.setString(1, user.value());
            List<MembershipSummary> found = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                found.add(
                    new MembershipSummary(
                        ConversationId.of(row.getLong(1)),
                        Codes.conversationKind(row.getString(2)),
                        Codes.history(row.getString(3)),
                        row.getLong(4),
                        row.getLong(5),
                        row.getLong(6),
                        Instant.ofEpochMilli(row.getLong(7)),
                        row.getLong(8),
                        row.getLong(9)));
              }
            }
            return found;
          }
        });
  }

  private static List<Membership> memberships(PreparedStatement statement) throws SQLException {
    List<Membership> found = new ArrayList<>();
    int after = ConversationRows.WIDTH;
    try (ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        Conversation conversation = ConversationRows.read(rows);
        found.add(
            new Membership(
                conversation,
                Codes.role(rows.getString(after + 1)),
                rows.getLong(after + 2),
                rows.getLong(after + 3),
                rows.getLong(after + 4),
                rows.getLong(after + 5),
                activeAt(rows, conversation),
                PreferencesRows.read(rows, after + 11, rows.getLong(after + 3)),
                rows.getInt(after + 7), // 0 for null
                rows.getLong(after + 8),
                rows.getLong(after + 9),
                RetentionRows.retention(rows, after + 10)));
      }
    }
    return found;
  }

  private static Instant activeAt(ResultSet row, Conversation conversation) throws SQLException {
    long millis = row.getLong(ConversationRows.WIDTH + 6);
    return row.wasNull() ? conversation.createdAt() : Instant.ofEpochMilli(millis);
  }

  @Override
  public int ownedGroups(UserId user) {
    // A range of chat_members_by_user_and_conversation.
    return transactions.read(
        handle ->
            handle
                .createQuery(
                    "SELECT count(*) FROM chat_members WHERE user_id = :user AND role = 'O'")
                .bind("user", user.value())
                .mapTo(Integer.class)
                .one());
  }

  @Override
  public Set<UserId> fellowMembers(UserId user, Set<UserId> others) {
    // By chat_members_by_user_and_conversation on both sides, and then by conversation.
    String sql =
        "SELECT DISTINCT other.user_id FROM chat_members mine"
            + " JOIN chat_members other USING (conversation_id)"
            + " WHERE mine.user_id = ? AND other.user_id = ANY (?) AND other.user_id <> mine.user_id";
    return transactions.read(
        handle -> {
          try (PreparedStatement statement = handle.getConnection().prepareStatement(sql)) {
            statement.setString(1, user.value());
            statement.setArray(
                2, new SqlArrays(handle.getConnection()).texts(List.copyOf(others), UserId::value));
            Set<UserId> fellows = new HashSet<>();
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                fellows.add(UserId.of(rows.getString(1)));
              }
            }
            return fellows;
          }
        });
  }

  @Override
  public Map<ConversationId, Unread> unread(UserId user, List<UnreadRange> ranges) {
    return ranges.isEmpty()
        ? Map.of()
        : transactions.read(handle -> UnreadCounts.read(handle.getConnection(), user, ranges));
  }

  // ---- changes

  @Override
  public Optional<Changed> change(
      ConversationId id, long expectedRev, List<Change> changes, UserId actor, Instant now) {
    return transactions.write(
        handle -> GroupChanges.make(handle.getConnection(), id, expectedRev, changes, actor, now));
  }

  @Override
  public List<Ban> bans(ConversationId id, @Nullable UserId after, int limit, Instant now) {
    return transactions.read(handle -> BanRows.page(handle.getConnection(), id, after, limit, now));
  }

  @Override
  public List<Ban> bans(ConversationId id, Collection<UserId> among, Instant now) {
    return transactions.read(handle -> BanRows.among(handle.getConnection(), id, among, now));
  }

  @Override
  public List<ConversationChange> changes(ConversationId id, long afterRev, int limit) {
    return transactions.read(handle -> ChangeLog.read(handle.getConnection(), id, afterRev, limit));
  }

  @Override
  public List<ReceiptOutcome> moveReceipts(List<ReceiptMove> moves) {
    return moves.isEmpty()
        ? List.of()
        : transactions.write(handle -> ReceiptMoves.move(handle.getConnection(), locks, moves));
  }

  @Override
  public List<PreferencesOutcome> setPreferences(List<MemberEdit> edits) {
    return edits.isEmpty()
        ? List.of()
        : transactions.write(handle -> PreferencesEdits.make(handle.getConnection(), locks, edits));
  }

  @Override
  public Set<UserId> muted(ConversationId id, Set<UserId> users, Instant now) {
    return users.isEmpty()
        ? Set.of()
        : transactions.read(
            handle -> PreferencesEdits.muted(handle.getConnection(), id, users, now));
  }

  @Override
  public List<Receipt> receipts(Map<ConversationId, Set<UserId>> members) {
    List<MemberKey> wanted = new ArrayList<>();
    members.forEach((id, users) -> users.forEach(user -> wanted.add(new MemberKey(id, user))));
    return wanted.isEmpty()
        ? List.of()
        : transactions.read(handle -> ReceiptMoves.read(handle.getConnection(), wanted));
  }
}
