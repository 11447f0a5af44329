package chat.engine.postgres;

import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.MessageId;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.spi.ConversationStore.Change;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Changes groups, and keeps the log of that: in one transaction the rows of the members or the
 * group follow, the log grows, and the rev of the conversation moves on.
 */
final class GroupChanges {
  private GroupChanges() {}

  /**
   * @return what was changed; empty if the rev is another than expected
   */
  static Optional<List<ConversationChange>> make(
      Handle handle,
      ConversationId id,
      long expectedRev,
      List<Change> changes,
      UserId actor,
      MessageId changeId,
      Instant now)
      throws SQLException {
    // The same lock as a send takes: between the two there is always a before and an after.
    Optional<long[]> counter =
        handle
            .createQuery(
                "SELECT members_rev, last_seq FROM chat_conversation_counters WHERE conversation_id = :id"
                    + " FOR NO KEY UPDATE")
            .bind("id", id.value())
            .map((row, context) -> new long[] {row.getLong(1), row.getLong(2)})
            .findOne();
    if (counter.isEmpty() || counter.get()[0] != expectedRev) {
      return Optional.<List<ConversationChange>>empty();
    }
    long lastSeq = counter.get()[1];
    List<ConversationChange> made = new ArrayList<>(changes.size());
    for (Change change : changes) {
      long rev = expectedRev + made.size() + 1;
      made.add(
          new ConversationChange(
              id,
              rev,
              lastSeq,
              change.kind(),
              actor,
              change.subject(),
              change.role(),
              change.name(),
              now));
    }
    apply(handle, id, made, now, lastSeq);
    log(handle, made, changeId);
    handle
        .createUpdate(
            "UPDATE chat_conversation_counters SET members_rev = :rev WHERE conversation_id = :id")
        .bind("rev", expectedRev + made.size())
        .bind("id", id.value())
        .execute();
    return Optional.of(made);
  }

  private static void apply(
      Handle handle, ConversationId id, List<ConversationChange> changes, Instant now, long lastSeq)
      throws SQLException {
    List<Map.Entry<UserId, Role>> added = new ArrayList<>();
    for (ConversationChange change : changes) {
      if (change.kind() == ConversationChange.Kind.ADDED) {
        added.add(Map.entry(subject(change), Objects.requireNonNull(change.role())));
        continue;
      }
      MemberRows.insert(handle, id, added, now, lastSeq); // later changes may be about them
      added.clear();
      apply(handle, change);
    }
    MemberRows.insert(handle, id, added, now, lastSeq);
  }

  private static void apply(Handle handle, ConversationChange change) {
    long id = change.conversation().value();
    switch (change.kind()) {
      case ADDED -> throw new IllegalArgumentException("members are added by the list");
      case REMOVED ->
          handle
              .createUpdate(
                  "DELETE FROM chat_members WHERE conversation_id = :id AND user_id = :user")
              .bind("id", id)
              .bind("user", subject(change).value())
              .execute();
      case ROLE_SET ->
          handle
              .createUpdate(
                  "UPDATE chat_members SET role = :role WHERE conversation_id = :id AND user_id = :user")
              .bind("role", Codes.of(Objects.requireNonNull(change.role())))
              .bind("id", id)
              .bind("user", subject(change).value())
              .execute();
      case RENAMED ->
          handle
              .createUpdate(
                  "UPDATE chat_conversations SET name = :name WHERE conversation_id = :id")
              .bind("name", change.name())
              .bind("id", id)
              .execute();
    }
  }

  private static UserId subject(ConversationChange change) {
    return Objects.requireNonNull(change.subject());
  }

  private static void log(Handle handle, List<ConversationChange> changes, MessageId changeId)
      throws SQLException {
    String sql =
        "INSERT INTO chat_conversation_changes (conversation_id, rev, change_id, at_seq, kind, actor_id, subject_id,"
            + " role, name, changed_at) SELECT c, v, ?, s, k, a, u, r, n, ?"
            + " FROM unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[])"
            + " AS d (c, v, s, k, a, u, r, n)";
    try (PreparedStatement statement = handle.getConnection().prepareStatement(sql)) {
      SqlArrays arrays = new SqlArrays(handle.getConnection());
      statement.setLong(1, changeId.value());
      statement.setTimestamp(2, Timestamp.from(changes.get(0).at()));
      statement.setArray(3, arrays.bigints(changes, change -> change.conversation().value()));
      statement.setArray(4, arrays.bigints(changes, ConversationChange::rev));
      statement.setArray(5, arrays.bigints(changes, ConversationChange::atSeq));
      statement.setArray(6, arrays.texts(changes, change -> Codes.of(change.kind())));
      statement.setArray(7, arrays.texts(changes, change -> change.actor().value()));
      statement.setArray(8, arrays.texts(changes, change -> value(change.subject())));
      statement.setArray(9, arrays.texts(changes, change -> Codes.ofOptional(change.role())));
      statement.setArray(10, arrays.texts(changes, ConversationChange::name));
      statement.executeUpdate();
    }
  }

  private static @Nullable String value(@Nullable UserId user) {
    return user == null ? null : user.value();
  }

  static List<ConversationChange> read(Handle handle, ConversationId id, long afterRev, int limit) {
    return handle
        .createQuery(
            "SELECT rev, at_seq, kind, actor_id, subject_id, role, name, changed_at"
                + " FROM chat_conversation_changes WHERE conversation_id = :id AND rev > :rev"
                + " ORDER BY rev LIMIT :limit")
        .bind("id", id.value())
        .bind("rev", afterRev)
        .bind("limit", limit)
        .map((row, context) -> change(id, row))
        .list();
  }

  private static ConversationChange change(ConversationId id, ResultSet row) throws SQLException {
    String subject = row.getString(5);
    String role = row.getString(6);
    return new ConversationChange(
        id,
        row.getLong(1),
        row.getLong(2),
        Codes.kind(row.getString(3)),
        UserId.fromStored(row.getString(4)),
        subject == null ? null : UserId.of(subject),
        role == null ? null : Codes.role(role),
        row.getString(7),
        row.getTimestamp(8).toInstant());
  }
}
