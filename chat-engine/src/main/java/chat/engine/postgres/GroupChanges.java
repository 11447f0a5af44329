package chat.engine.postgres;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.postgres.connection.SqlArrays;
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
import org.jspecify.annotations.Nullable;

/**
 * Changes groups, and keeps the log of that: in one transaction the rows of the members or the
 * group follow, the log grows, and the rev of the conversation moves on. A change of any number of
 * members is one statement.
 */
final class GroupChanges {
  // The same lock as a send takes: between the two there is always a before and an after.
  private static final String LOCK =
      "SELECT members_rev, last_seq FROM chat_conversation_counters WHERE conversation_id = ?"
          + " FOR NO KEY UPDATE";

  private static final String REMOVE =
      "DELETE FROM chat_members WHERE conversation_id = ? AND user_id = ANY (?)";

  private static final String SET_ROLE =
      "UPDATE chat_members SET role = ? WHERE conversation_id = ? AND user_id = ANY (?)";

  private static final String RENAME =
      "UPDATE chat_conversations SET name = ? WHERE conversation_id = ?";

  private static final String SET_ATTRIBUTES =
      "UPDATE chat_conversations SET attributes = ? WHERE conversation_id = ?";

  /** Takes the time, and the columns of the changes from the second parameter on. */
  private static final String LOG =
      "INSERT INTO chat_conversation_changes (conversation_id, rev, at_seq, kind, actor_id, subjects,"
          + " role, name, attributes, changed_at) SELECT c, v, s, k, a, u, r, n, t, ?"
          + " FROM unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[],"
          + " ?::text[]) AS d (c, v, s, k, a, u, r, n, t)";

  /** The log, the rev, and what the conversation is now. */
  private static final String FINISH =
      LOG
          + ";"
          + " UPDATE chat_conversation_counters SET members_rev = ? WHERE conversation_id = ?; "
          + CommitRows.INSERT_CHANGE
          + "; SELECT "
          + PostgresConversationStore.CONVERSATION
          + " FROM chat_conversations c WHERE c.conversation_id = ?";

  private static final String READ =
      "SELECT rev, at_seq, kind, actor_id, subjects, role, name, attributes, changed_at"
          + " FROM chat_conversation_changes WHERE conversation_id = ? AND rev > ?"
          + " ORDER BY rev LIMIT ?";

  private GroupChanges() {}

  /** Where a conversation stands until the transaction that locked it changes that. */
  record Locked(long rev, long lastSeq) {}

  static Optional<Locked> lock(Connection connection, ConversationId id) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(LOCK)) {
      statement.setLong(1, id.value());
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? Optional.of(new Locked(row.getLong(1), row.getLong(2)))
            : Optional.<Locked>empty();
      }
    }
  }

  /**
   * @return what was changed; empty if the rev is another than expected
   */
  static Optional<Changed> make(
      Connection connection,
      ConversationId id,
      long expectedRev,
      List<Change> changes,
      UserId actor,
      Instant now)
      throws SQLException {
    Optional<Locked> locked = lock(connection, id);
    if (locked.isEmpty() || locked.get().rev() != expectedRev) {
      return Optional.empty();
    }
    long lastSeq = locked.get().lastSeq();
    List<ConversationChange> made = new ArrayList<>(changes.size());
    for (Change change : changes) {
      ConversationChange next =
          new ConversationChange(
              id,
              expectedRev + made.size() + 1,
              lastSeq,
              change.kind(),
              actor,
              change.subjects(),
              change.role(),
              change.name(),
              change.attributes(),
              now);
      apply(connection, next);
      made.add(next);
    }
    return Optional.of(new Changed(finish(connection, made), made));
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
      case RENAMED -> set(connection, RENAME, change.name(), change.conversation());
      case ATTRIBUTES_SET ->
          set(connection, SET_ATTRIBUTES, change.attributes(), change.conversation());
      case DELETED -> throw new IllegalArgumentException("a deletion is no change of this kind");
    }
  }

  private static void set(
      Connection connection, String sql, @Nullable String value, ConversationId id)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, value);
      statement.setLong(2, id.value());
      statement.executeUpdate();
    }
  }

  /** Adds a change that was made otherwise to the log. */
  static void log(Connection connection, ConversationChange change) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(LOG)) {
      bindLog(statement, List.of(change));
      statement.executeUpdate();
    }
  }

  private static void bindLog(PreparedStatement statement, List<ConversationChange> changes)
      throws SQLException {
    SqlArrays arrays = new SqlArrays(statement.getConnection());
    statement.setTimestamp(1, Timestamp.from(changes.get(0).at()));
    statement.setArray(2, arrays.bigints(changes, change -> change.conversation().value()));
    statement.setArray(3, arrays.bigints(changes, ConversationChange::rev));
    statement.setArray(4, arrays.bigints(changes, ConversationChange::atSeq));
    statement.setArray(5, arrays.texts(changes, change -> Codes.of(change.kind())));
    statement.setArray(6, arrays.texts(changes, change -> change.actor().value()));
    statement.setArray(7, arrays.texts(changes, change -> MessageRows.lines(change.subjects())));
    statement.setArray(8, arrays.texts(changes, change -> Codes.ofOptional(change.role())));
    statement.setArray(9, arrays.texts(changes, ConversationChange::name));
    statement.setArray(10, arrays.texts(changes, ConversationChange::attributes));
  }

  private static Conversation finish(Connection connection, List<ConversationChange> changes)
      throws SQLException {
    ConversationChange last = changes.get(changes.size() - 1);
    try (PreparedStatement statement = connection.prepareStatement(FINISH)) {
      bindLog(statement, changes);
      statement.setLong(11, last.rev());
      statement.setLong(12, last.conversation().value());
      statement.setLong(13, last.conversation().value());
      statement.setLong(14, last.rev());
      statement.setLong(15, last.conversation().value());
      try (ResultSet row = SqlArrays.lastResult(statement)) {
        row.next();
        return PostgresConversationStore.conversation(row);
      }
    }
  }

  static List<ConversationChange> read(
      Connection connection, ConversationId id, long afterRev, int limit) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(READ)) {
      statement.setLong(1, id.value());
      statement.setLong(2, afterRev);
      statement.setInt(3, limit);
      List<ConversationChange> found = new ArrayList<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          found.add(change(id, row));
        }
      }
      return found;
    }
  }

  private static ConversationChange change(ConversationId id, ResultSet row) throws SQLException {
    return new ConversationChange(
        id,
        row.getLong(1),
        row.getLong(2),
        Codes.kind(row.getString(3)),
        UserId.fromStored(row.getString(4)),
        MessageRows.users(row.getString(5)),
        role(row.getString(6)),
        row.getString(7),
        row.getString(8),
        row.getTimestamp(9).toInstant());
  }

  private static @Nullable Role role(@Nullable String code) {
    return code == null ? null : Codes.role(code);
  }
}
