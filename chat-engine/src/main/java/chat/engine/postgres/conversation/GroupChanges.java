package chat.engine.postgres.conversation;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.postgres.row.ChangeLog;
import chat.engine.postgres.row.Codes;
import chat.engine.postgres.row.CommitRows;
import chat.engine.postgres.row.MemberRows;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.ConversationStore.Changed;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Changes groups: in one transaction the rows of the members or the group follow, the log grows,
 * and the revs of the conversation move on. A change of any number of members is one statement.
 */
public final class GroupChanges {
  // The same lock as a send takes: between the two there is always a before and an after.
  private static final String LOCK =
      "SELECT members_rev, greatest(rev, members_rev), last_seq FROM chat_conversation_counters"
          + " WHERE conversation_id = ? FOR NO KEY UPDATE";

  private static final String REMOVE =
      "DELETE FROM chat_members WHERE conversation_id = ? AND user_id = ANY (?)";

  private static final String SET_ROLE =
      "UPDATE chat_members SET role = ? WHERE conversation_id = ? AND user_id = ANY (?)";

  private static final String SILENCE =
      "UPDATE chat_members SET silenced_until = ? WHERE conversation_id = ? AND user_id = ANY (?)";

  /** The log, the rev, and what the conversation is now. */
  private static final String FINISH =
      ChangeLog.INSERT
          + ";"
          + " UPDATE chat_conversation_counters SET members_rev = ?, rev = ? WHERE conversation_id = ?; "
          + CommitRows.INSERT_CHANGE
          + "; SELECT "
          + ConversationRows.COLUMNS
          + " FROM chat_conversations c WHERE c.conversation_id = ?";

  private GroupChanges() {}

  /**
   * Where a conversation stands until the transaction that locked it changes that.
   *
   * @param membersRev of the last change of the conversation itself
   * @param rev of the last change, also of a message
   */
  public record Locked(long membersRev, long rev, long lastSeq) {}

  public static Optional<Locked> lock(Connection connection, ConversationId id)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(LOCK)) {
      statement.setLong(1, id.value());
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? Optional.of(new Locked(row.getLong(1), row.getLong(2), row.getLong(3)))
            : Optional.<Locked>empty();
      }
    }
  }

  /**
   * @return what was changed; empty if the conversation itself has changed since
   */
  public static Optional<Changed> make(
      Connection connection,
      ConversationId id,
      long expectedRev,
      List<Change> changes,
      UserId actor,
      Instant now)
      throws SQLException {
    Optional<Locked> locked = lock(connection, id);
    if (locked.isEmpty() || locked.get().membersRev() != expectedRev) {
      return Optional.empty();
    }
    return Optional.of(make(connection, id, locked.get(), changes, actor, now));
  }

  /** Makes changes of a group that this transaction has locked. */
  public static Changed make(
      Connection connection,
      ConversationId id,
      Locked locked,
      List<Change> changes,
      UserId actor,
      Instant now)
      throws SQLException {
    long rev = locked.rev();
    long lastSeq = locked.lastSeq();
    List<ConversationChange> made = new ArrayList<>(changes.size());
    for (Change change : changes) {
      ConversationChange next = change.logged(id, rev + made.size() + 1, lastSeq, actor, now);
      apply(connection, next);
      made.add(next);
    }
    Conversation conversation = finish(connection, made);
    ChangeLog.noteDetails(connection, made);
    return new Changed(conversation, made);
  }

  private static void apply(Connection connection, ConversationChange change) throws SQLException {
    switch (change.kind()) {
      case ADDED -> {
        Role role = Objects.requireNonNull(change.role());
        List<MemberRows.Joining> joining =
            change.subjects().stream().map(user -> new MemberRows.Joining(user, role)).toList();
        MemberRows.insert(
            connection, change.conversation(), joining, change.at(), change.atSeq(), change.rev());
      }
      case REMOVED -> {
        try (PreparedStatement statement = connection.prepareStatement(REMOVE)) {
          statement.setLong(1, change.conversation().value());
          statement.setArray(2, new SqlArrays(connection).texts(change.subjects(), UserId::value));
          statement.executeUpdate();
        }
      }
      case ROLE_SET -> {
        try (PreparedStatement statement = connection.prepareStatement(SET_ROLE)) {
          statement.setString(1, Codes.of(Objects.requireNonNull(change.role())));
          statement.setLong(2, change.conversation().value());
          statement.setArray(3, new SqlArrays(connection).texts(change.subjects(), UserId::value));
          statement.executeUpdate();
        }
      }
      case RENAMED, ATTRIBUTES_SET, UPDATED ->
          GroupSettings.update(connection, change.conversation(), change.settings());
      case BANNED -> BanRows.put(connection, change);
      case UNBANNED -> BanRows.remove(connection, change.conversation(), change.subjects());
      case SILENCED -> {
        Instant until = change.until();
        try (PreparedStatement statement = connection.prepareStatement(SILENCE)) {
          statement.setTimestamp(1, until == null ? null : Timestamp.from(until));
          statement.setLong(2, change.conversation().value());
          statement.setArray(3, new SqlArrays(connection).texts(change.subjects(), UserId::value));
          statement.executeUpdate();
        }
      }
      case DELETED,
          MESSAGE_EDITED,
          MESSAGE_DELETED,
          MESSAGE_REACTED,
          PINNED,
          UNPINNED,
          EXPIRED,
          RETENTION_SET,
          PEER_REPLACED ->
          throw new IllegalArgumentException("made in another way: " + change.kind());
    }
  }

  /**
   * Logs changes of a conversation that this transaction has locked, and moves its revs on.
   *
   * @return the conversation as it is now
   */
  public static Conversation finish(Connection connection, List<ConversationChange> changes)
      throws SQLException {
    ConversationChange last = changes.get(changes.size() - 1);
    try (PreparedStatement statement = connection.prepareStatement(FINISH)) {
      int next = ChangeLog.bindInsert(statement, 1, changes);
      statement.setLong(next, last.rev());
      statement.setLong(next + 1, last.rev());
      statement.setLong(next + 2, last.conversation().value());
      statement.setLong(next + 3, last.conversation().value());
      statement.setLong(next + 4, last.rev());
      statement.setLong(next + 5, last.conversation().value());
      try (ResultSet row = SqlArrays.lastResult(statement)) {
        row.next();
        return ConversationRows.read(row);
      }
    }
  }
}
