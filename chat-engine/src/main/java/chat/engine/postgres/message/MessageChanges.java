package chat.engine.postgres.message;

import chat.engine.ConversationChange;
import chat.engine.ConversationChange.Kind;
import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.postgres.row.ChangeLog;
import chat.engine.postgres.row.CommitRows;
import chat.engine.postgres.row.MemberKey;
import chat.engine.postgres.row.MemberRows;
import chat.engine.postgres.row.MessageRows;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.Deletion;
import chat.engine.spi.Edit;
import chat.engine.spi.Write;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The edits and deletions of a batch, or of a phase of it, in conversations that are locked. Reads
 * the messages and the roles of those who want to change them, decides one after the other here,
 * and writes what has come of it: three round trips for any number, or two where nothing changes.
 *
 * <p>All that changes messages holds the counter of their conversation, so what was read stays
 * true, and no row of a message is ever waited for.
 */
final class MessageChanges {
  private static final String FIND =
      "SELECT "
          + MessageRows.COLUMNS
          + " FROM unnest(?::bigint[], ?::bigint[]) AS d (conversation_id, seq)"
          + " JOIN chat_messages m ON m.conversation_id = d.conversation_id AND m.seq = d.seq";

  /** Each message once, in its last state. */
  private static final String UPDATE =
      "UPDATE chat_messages m SET body = d.b, mentions = d.n, attributes = d.a, rev = d.v,"
          + " edited_at = d.e, deleted_at = d.x"
          + " FROM unnest(?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::bigint[],"
          + " ?::timestamptz[], ?::timestamptz[]) AS d (c, s, b, n, a, v, e, x) WHERE m.conversation_id = d.c AND m.seq = d.s; ";

  private final Connection connection;
  private final LockedCounters counters;
  private final List<Write> writes;
  private final Map<Key, Message> messages = new HashMap<>();
  private final List<ConversationChange> made = new ArrayList<>();

  /** Of a message. */
  private record Key(ConversationId conversation, long seq) {
    static Key of(Message message) {
      return new Key(message.conversation(), message.seq());
    }
  }

  /**
   * @param writes edits and deletions in conversations that are locked
   */
  MessageChanges(Connection connection, LockedCounters counters, List<Write> writes) {
    this.connection = connection;
    this.counters = counters;
    this.writes = writes;
  }

  List<AppendOutcome> make() throws SQLException {
    Map<MemberKey, Role> roles =
        MemberRows.roles(
            connection,
            writes.stream()
                .map(MessageChanges::actor)
                .filter(member -> !member.user().isSystem())
                .distinct()
                .toList());
    findMessages();
    List<AppendOutcome> outcomes = new ArrayList<>(writes.size());
    for (Write write : writes) { // each sees those before it
      MemberKey actor = actor(write);
      outcomes.add(outcome(write, actor.user(), roles.get(actor)));
    }
    if (!made.isEmpty()) {
      store();
    }
    return outcomes;
  }

  private static MemberKey actor(Write write) {
    if (write instanceof Edit edit) {
      return new MemberKey(edit.conversation(), edit.actor());
    } else if (write instanceof Deletion deletion) {
      return new MemberKey(deletion.conversation(), deletion.actor());
    }
    throw notOfMessage(write);
  }

  private static Key message(Write write) {
    if (write instanceof Edit edit) {
      return new Key(edit.conversation(), edit.seq());
    } else if (write instanceof Deletion deletion) {
      return new Key(deletion.conversation(), deletion.seq());
    }
    throw notOfMessage(write);
  }

  private static IllegalArgumentException notOfMessage(Write write) {
    return new IllegalArgumentException("neither an edit nor a deletion: " + write.getClass());
  }

  private void findMessages() throws SQLException {
    List<Key> keys = writes.stream().map(MessageChanges::message).distinct().toList();
    SqlArrays arrays = new SqlArrays(connection);
    try (PreparedStatement statement = connection.prepareStatement(FIND)) {
      statement.setArray(1, arrays.bigints(keys, key -> key.conversation().value()));
      statement.setArray(2, arrays.bigints(keys, Key::seq));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          Message message = MessageRows.read(row);
          messages.put(Key.of(message), message);
        }
      }
    }
  }

  /**
   * @param role null for the system, and for those who are no members
   */
  private AppendOutcome outcome(Write write, UserId actor, @Nullable Role role) {
    if (role == null && !actor.isSystem()) {
      return new AppendOutcome.NotMember();
    }
    Message message = messages.get(message(write));
    if (message == null) {
      return new AppendOutcome.NoSuchMessage();
    }
    boolean own = actor.isSystem() || actor.equals(message.from());
    return write instanceof Edit edit
        ? edit(edit, message, own)
        : delete((Deletion) write, message, own, role);
  }

  private AppendOutcome edit(Edit edit, Message message, boolean allowed) {
    if (!allowed) {
      return new AppendOutcome.NotAllowed();
    }
    if (message.deleted()) {
      return new AppendOutcome.WasDeleted();
    }
    if (message.isAs(edit.content())) {
      return new AppendOutcome.Unchanged(message);
    }
    long rev = counters.of(edit.conversation()).nextRev();
    Message edited = message.edited(edit.content(), rev, edit.at());
    return changed(edited, Kind.MESSAGE_EDITED, edit.actor(), edit.at());
  }

  private AppendOutcome delete(
      Deletion deletion, Message message, boolean own, @Nullable Role role) {
    if (!own && !(role != null && deletion.othersBy().contains(role))) {
      return new AppendOutcome.NotAllowed();
    }
    if (message.deleted()) {
      return new AppendOutcome.Unchanged(message);
    }
    long rev = counters.of(deletion.conversation()).nextRev();
    return changed(
        message.deleted(rev, deletion.at()), Kind.MESSAGE_DELETED, deletion.actor(), deletion.at());
  }

  private AppendOutcome changed(Message after, Kind kind, UserId actor, Instant at) {
    long lastSeq = counters.of(after.conversation()).lastSeq();
    ConversationChange change = ConversationChange.ofMessage(after, kind, lastSeq, actor, at);
    messages.put(Key.of(after), after);
    made.add(change);
    return new AppendOutcome.Changed(change);
  }

  private void store() throws SQLException {
    Map<Key, Message> last = new LinkedHashMap<>();
    Map<Long, Long> revs = new LinkedHashMap<>();
    for (ConversationChange change : made) { // ascending in each conversation
      Message after = Objects.requireNonNull(change.message());
      last.put(Key.of(after), after);
      revs.put(change.conversation().value(), change.rev());
    }
    String sql = UPDATE + ChangeLog.INSERT + "; " + CommitRows.insertChanges(revs.size());
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      int next = bindUpdate(statement, List.copyOf(last.values()));
      next = ChangeLog.bindInsert(statement, next, made);
      CommitRows.bindNumbers(statement, next, revs);
      statement.execute();
      if (statement.getUpdateCount() != last.size()) {
        throw new IllegalStateException(
            "of " + last.size() + " messages " + statement.getUpdateCount() + " could be changed");
      }
    }
  }

  /**
   * @return index of the first parameter behind those of {@link #UPDATE}
   */
  private static int bindUpdate(PreparedStatement statement, List<Message> after)
      throws SQLException {
    SqlArrays arrays = new SqlArrays(statement.getConnection());
    statement.setArray(1, arrays.bigints(after, message -> message.conversation().value()));
    statement.setArray(2, arrays.bigints(after, Message::seq));
    statement.setArray(3, arrays.texts(after, Message::text));
    statement.setArray(4, arrays.texts(after, message -> MessageRows.lines(message.mentions())));
    statement.setArray(5, arrays.texts(after, Message::attributes));
    statement.setArray(6, arrays.bigints(after, Message::rev));
    statement.setArray(7, arrays.times(after, Message::editedAt));
    statement.setArray(8, arrays.times(after, Message::deletedAt));
    return 9;
  }
}
