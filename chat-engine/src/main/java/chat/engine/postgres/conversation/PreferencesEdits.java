package chat.engine.postgres.conversation;

import chat.engine.ConversationId;
import chat.engine.Preferences;
import chat.engine.UserId;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.postgres.row.CommitRows;
import chat.engine.postgres.row.MemberKey;
import chat.engine.postgres.row.RowLocks;
import chat.engine.spi.ConversationStore.MemberEdit;
import chat.engine.spi.ConversationStore.PreferencesOutcome;
import chat.engine.spi.ConversationStore.Receipt;
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

/**
 * Changes the preferences of members, under the locks that receipts take: four statements, whatever
 * the size of the batch, and one more if it pins.
 */
public final class PreferencesEdits {
  /** By chat_members_by_user_and_conversation: the conversations of these users. */
  private static final String PINNED =
      "SELECT user_id, count(*) FROM chat_members WHERE user_id = ANY (?) AND pinned GROUP BY user_id";

  private static final String MUTED =
      "SELECT user_id FROM chat_members"
          + " WHERE conversation_id = ? AND user_id = ANY (?) AND muted_until > ?";

  private final Connection connection;
  private final Map<MemberKey, LockedMembers.Found> found;
  private final Map<UserId, Long> pinned;
  private final Map<MemberKey, Preferences> changed = new HashMap<>();

  private PreferencesEdits(
      Connection connection, Map<MemberKey, LockedMembers.Found> found, Map<UserId, Long> pinned) {
    this.connection = connection;
    this.found = new HashMap<>(found);
    this.pinned = pinned;
  }

  public static List<PreferencesOutcome> make(
      Connection connection, RowLocks locks, List<MemberEdit> edits) throws SQLException {
    Map<MemberKey, LockedMembers.Found> found =
        LockedMembers.lock(connection, locks, edits.stream().map(PreferencesEdits::key).toList());
    PreferencesEdits batch = new PreferencesEdits(connection, found, pinned(connection, edits));
    List<PreferencesOutcome> outcomes = edits.stream().map(batch::make).toList();
    batch.store();
    return outcomes;
  }

  private static MemberKey key(MemberEdit edit) {
    return new MemberKey(edit.conversation(), edit.user());
  }

  private PreferencesOutcome make(MemberEdit wanted) {
    MemberKey key = key(wanted);
    LockedMembers.Found member = found.get(key);
    if (member == null) {
      return new PreferencesOutcome.NotMember();
    }
    Long unreadFrom = wanted.edit().unreadFrom();
    if (unreadFrom != null && unreadFrom > member.lastSeq()) {
      return new PreferencesOutcome.BeyondLast();
    }
    Preferences before = member.receipt().preferences();
    Preferences after = wanted.edit().applyTo(before, member.lastSeq());
    if (after.version() == before.version()) {
      return new PreferencesOutcome.Done(member.receipt(), false);
    }
    if (after.pinned() != before.pinned()) {
      long others = pinned.getOrDefault(wanted.user(), 0L);
      if (after.pinned() && others >= Preferences.MAX_PINNED) {
        return new PreferencesOutcome.TooManyPinned();
      }
      pinned.put(wanted.user(), others + (after.pinned() ? 1 : -1));
    }
    Receipt now = with(member.receipt(), after);
    found.put(key, new LockedMembers.Found(now, member.lastSeq(), member.blocked()));
    changed.put(key, after);
    return new PreferencesOutcome.Done(now, true);
  }

  private static Receipt with(Receipt receipt, Preferences preferences) {
    return new Receipt(
        receipt.conversation(),
        receipt.user(),
        receipt.readSeq(),
        receipt.receivedSeq(),
        receipt.joinedRev(),
        preferences);
  }

  private void store() throws SQLException {
    if (changed.isEmpty()) {
      return;
    }
    PreferencesRows.update(connection, changed);
    try (PreparedStatement statement =
        connection.prepareStatement(CommitRows.insertReceipts(changed.size()))) {
      CommitRows.bindReceipts(statement, 1, List.copyOf(changed.keySet()));
      statement.executeUpdate();
    }
  }

  /** How many conversations those have pinned who pin one. */
  private static Map<UserId, Long> pinned(Connection connection, List<MemberEdit> edits)
      throws SQLException {
    Map<UserId, Long> counts = new HashMap<>();
    List<UserId> users =
        edits.stream()
            .filter(edit -> Boolean.TRUE.equals(edit.edit().pinned()))
            .map(MemberEdit::user)
            .distinct()
            .toList();
    if (users.isEmpty()) {
      return counts;
    }
    try (PreparedStatement statement = connection.prepareStatement(PINNED)) {
      statement.setArray(1, new SqlArrays(connection).texts(users, UserId::value));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          counts.put(UserId.of(rows.getString(1)), rows.getLong(2));
        }
      }
    }
    return counts;
  }

  public static Set<UserId> muted(
      Connection connection, ConversationId conversation, Set<UserId> users, Instant now)
      throws SQLException {
    Set<UserId> muted = new HashSet<>();
    try (PreparedStatement statement = connection.prepareStatement(MUTED)) {
      statement.setLong(1, conversation.value());
      statement.setArray(2, new SqlArrays(connection).texts(new ArrayList<>(users), UserId::value));
      statement.setTimestamp(3, Timestamp.from(now));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          muted.add(UserId.of(rows.getString(1)));
        }
      }
    }
    return muted;
  }
}
