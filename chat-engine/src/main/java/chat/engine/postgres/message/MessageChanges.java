package chat.engine.postgres.message;

import chat.engine.ConversationChange;
import chat.engine.ConversationChange.Kind;
import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.Message;
import chat.engine.ReactionChange;
import chat.engine.ReplyPreview;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.postgres.row.ChangeLog;
import chat.engine.postgres.row.CommitRows;
import chat.engine.postgres.row.MemberKey;
import chat.engine.postgres.row.MemberRows;
import chat.engine.postgres.row.MessageRows;
import chat.engine.postgres.row.ReactionCounts;
import chat.engine.postgres.row.ReplyPreviews;
import chat.engine.postgres.row.SearchRows;
import chat.engine.postgres.row.Writer;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.Deletion;
import chat.engine.spi.Edit;
import chat.engine.spi.MessageStore.MessagePlace;
import chat.engine.spi.Pin;
import chat.engine.spi.Reaction;
import chat.engine.spi.Reattribution;
import chat.engine.spi.Write;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The edits, deletions, reactions and pins of a batch, or of a phase of it, in conversations that
 * are locked. Reads the messages and the roles of those who want to change them, decides one after
 * the other here, and writes what has come of it: three round trips for any number, or two where
 * nothing changes, and a few more where mentions or pins change or a changed message answers
 * another.
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
          + " edited_at = d.e, deleted_at = d.x, reactions = d.r,"
          + " forward_conversation_id = CASE WHEN d.x IS NULL THEN m.forward_conversation_id END,"
          + " forward_seq = CASE WHEN d.x IS NULL THEN m.forward_seq END,"
          + " attachments = CASE WHEN d.x IS NULL THEN m.attachments END"
          + " FROM unnest(?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::bigint[],"
          + " ?::timestamptz[], ?::timestamptz[], ?::text[]) AS d (c, s, b, n, a, v, e, x, r) WHERE m.conversation_id = d.c AND m.seq = d.s; ";

  private final Connection connection;
  private final LockedCounters counters;
  private final List<Write> writes;
  private final Map<Key, Message> messages = new HashMap<>();
  private final List<ConversationChange> made = new ArrayList<>();
  private final Set<Key> rewritten = new HashSet<>();
  private final ReactionChanges reactions = new ReactionChanges();
  private final PinChanges pins;
  private final AuthorRows authors = new AuthorRows();
  private final VersionChanges versions = new VersionChanges();

  /** As they were, of the messages that are changed. */
  private final Map<Key, Message> before = new HashMap<>();

  /** Of a message. */
  private record Key(ConversationId conversation, long seq) {
    static Key of(Message message) {
      return new Key(message.conversation(), message.seq());
    }

    MessagePlace place() {
      return new MessagePlace(conversation, seq);
    }
  }

  /**
   * @param writes edits, deletions, reactions and pins in conversations that are locked
   */
  MessageChanges(Connection connection, LockedCounters counters, List<Write> writes) {
    this.connection = connection;
    this.counters = counters;
    this.writes = writes;
    this.pins = new PinChanges(counters);
  }

  List<AppendOutcome> make() throws SQLException {
    Map<MemberKey, Writer> members =
        MemberRows.writers(
            connection,
            writes.stream()
                .map(MessageChanges::actor)
                .filter(member -> !member.user().isSystem())
                .distinct()
                .toList());
    find();
    pins.find(connection, places());
    Set<MemberKey> mentionable = findMentioned();
    List<AppendOutcome> outcomes = new ArrayList<>(writes.size());
    for (Write write : writes) { // each sees those before it
      MemberKey actor = actor(write);
      outcomes.add(outcome(write, actor.user(), members.get(actor), mentionable));
    }
    if (made.isEmpty()) {
      return outcomes;
    }
    store();
    return withPreviews(outcomes);
  }

  /** Those among the users whom edits mention who are members. */
  private Set<MemberKey> findMentioned() throws SQLException {
    Set<MemberKey> mentioned = new LinkedHashSet<>();
    for (Write write : writes) {
      if (write instanceof Edit edit) {
        edit.content()
            .mentions()
            .forEach(user -> mentioned.add(new MemberKey(edit.conversation(), user)));
      }
    }
    return MemberRows.writers(connection, List.copyOf(mentioned)).keySet();
  }

  /** Of what is changed here as well, as it is at this place of the batch; else null. */
  private @Nullable ReplyPreview previewWithinBatch(Message after) {
    Long replyTo = after.replyTo();
    Message answered =
        replyTo == null || after.deleted()
            ? null
            : messages.get(new Key(after.conversation(), replyTo));
    return answered == null ? null : ReplyPreview.of(answered);
  }

  /** Looks up what is answered and not changed here. */
  private List<AppendOutcome> withPreviews(List<AppendOutcome> outcomes) throws SQLException {
    List<Message> changed =
        made.stream().map(ConversationChange::message).filter(Objects::nonNull).toList();
    List<Message> complete = ReplyPreviews.added(connection, changed);
    if (complete == changed) {
      return outcomes;
    }
    Iterator<Message> next = complete.iterator(); // made in the order of the outcomes
    return outcomes.stream()
        .map(
            outcome ->
                outcome instanceof AppendOutcome.Changed done && done.change().message() != null
                    ? new AppendOutcome.Changed(done.change().withMessage(next.next()))
                    : outcome)
        .toList();
  }

  /** The messages of which it matters whether they are pinned. */
  private List<MessagePlace> places() {
    return writes.stream()
        .filter(
            write ->
                write instanceof Pin
                    || ((write instanceof Deletion || write instanceof Reattribution)
                        && mayHavePins(write.conversation())))
        .map(write -> message(write).place())
        .distinct()
        .toList();
  }

  /** Whether there are pins, or this batch makes some. */
  private boolean mayHavePins(ConversationId conversation) {
    return counters.of(conversation).pins() > 0;
  }

  private static MemberKey actor(Write write) {
    if (write instanceof Edit edit) {
      return new MemberKey(edit.conversation(), edit.actor());
    } else if (write instanceof Deletion deletion) {
      return new MemberKey(deletion.conversation(), deletion.actor());
    } else if (write instanceof Reaction reaction) {
      return new MemberKey(reaction.conversation(), reaction.actor());
    } else if (write instanceof Pin pin) {
      return new MemberKey(pin.conversation(), pin.actor());
    } else if (write instanceof Reattribution reattribution) {
      return new MemberKey(reattribution.conversation(), UserId.SYSTEM);
    }
    throw notOfMessage(write);
  }

  private static Key message(Write write) {
    if (write instanceof Edit edit) {
      return new Key(edit.conversation(), edit.seq());
    } else if (write instanceof Deletion deletion) {
      return new Key(deletion.conversation(), deletion.seq());
    } else if (write instanceof Reaction reaction) {
      return new Key(reaction.conversation(), reaction.seq());
    } else if (write instanceof Pin pin) {
      return new Key(pin.conversation(), pin.seq());
    } else if (write instanceof Reattribution reattribution) {
      return new Key(reattribution.conversation(), reattribution.seq());
    }
    throw notOfMessage(write);
  }

  private static IllegalArgumentException notOfMessage(Write write) {
    return new IllegalArgumentException("not a change of a message: " + write.getClass());
  }

  /** The messages whose edits keep what they replace. */
  private List<MessagePlace> versioned() {
    return writes.stream()
        .filter(write -> write instanceof Edit edit && edit.keepsVersion())
        .map(write -> message(write).place())
        .distinct()
        .toList();
  }

  /**
   * Reads the messages, what those who react to them have reacted with, and the numbers of their
   * versions where some are kept.
   */
  private void find() throws SQLException {
    List<Key> keys = writes.stream().map(MessageChanges::message).distinct().toList();
    List<ReactionChanges.Reactor> wanted =
        writes.stream().flatMap(write -> ReactionChanges.Reactor.of(write).stream()).toList();
    List<MessagePlace> versioned = versioned();
    String sql =
        FIND
            + (wanted.isEmpty() ? "" : "; " + ReactionChanges.FIND)
            + (versioned.isEmpty() ? "" : "; " + VersionChanges.FIND);
    SqlArrays arrays = new SqlArrays(connection);
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, arrays.bigints(keys, key -> key.conversation().value()));
      statement.setArray(2, arrays.bigints(keys, Key::seq));
      int next = wanted.isEmpty() ? 3 : ReactionChanges.bindFind(statement, 3, wanted);
      if (!versioned.isEmpty()) {
        VersionChanges.bindFind(statement, next, versioned);
      }
      statement.execute();
      try (ResultSet row = statement.getResultSet()) {
        while (row.next()) {
          Message message = MessageRows.read(row);
          messages.put(Key.of(message), message);
        }
      }
      if (!wanted.isEmpty()) {
        reactions.found(statement);
      }
      if (!versioned.isEmpty()) {
        versions.found(statement);
      }
    }
  }

  /**
   * @param member null for the system, and for those who are no members
   */
  private AppendOutcome outcome(
      Write write, UserId actor, @Nullable Writer member, Set<MemberKey> mentionable) {
    if (member == null && !actor.isSystem()) {
      return new AppendOutcome.NotMember();
    }
    Message message = messages.get(message(write));
    if (message == null || (member != null && !member.reads(message.seq()))) {
      return new AppendOutcome.NoSuchMessage();
    }
    Instant writtenAt = writtenAt(write);
    if (writtenAt != null && member != null && member.isSilenced(writtenAt)) {
      return new AppendOutcome.Silenced(Objects.requireNonNull(member.silencedUntil()));
    }
    AppendOutcome block =
        write instanceof Deletion ? null : counters.block(message.conversation(), actor);
    if (block != null) {
      return block;
    }
    if (write instanceof Reaction reaction) {
      return react(reaction, message);
    }
    if (write instanceof Pin pin) {
      return pin(pin, message, member == null ? null : member.role());
    }
    if (write instanceof Reattribution reattribution) {
      return reattribute(reattribution, message);
    }
    boolean own = actor.isSystem() || actor.equals(message.from());
    return write instanceof Edit edit
        ? edit(edit, message, own, mentionable)
        : delete((Deletion) write, message, own, member == null ? null : member.role());
  }

  /** Null for a deletion, which is open to those who must not write, too. */
  private static @Nullable Instant writtenAt(Write write) {
    if (write instanceof Edit edit) {
      return edit.at();
    }
    if (write instanceof Pin pin) {
      return pin.at();
    }
    return write instanceof Reaction reaction ? reaction.at() : null;
  }

  private AppendOutcome edit(
      Edit edit, Message message, boolean allowed, Set<MemberKey> mentionable) {
    if (!allowed) {
      return new AppendOutcome.NotAllowed();
    }
    if (message.deleted()) {
      return new AppendOutcome.WasDeleted();
    }
    if (message.isEmptiedBy(edit.content())) {
      return new AppendOutcome.NothingLeft();
    }
    if (message.isAs(edit.content())) {
      return new AppendOutcome.Unchanged(message);
    }
    if (!edit.content().mayReplace(message.attributes())) {
      return new AppendOutcome.Superseded();
    }
    for (UserId user : edit.content().mentions()) {
      if (!message.mentions().contains(user)
          && !mentionable.contains(new MemberKey(edit.conversation(), user))) {
        return new AppendOutcome.MentionsStranger(user);
      }
    }
    if (edit.keepsVersion()) {
      versions.keep(message);
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
    reactions.forget(message);
    pins.forget(Key.of(message).place());
    versions.forget(message);
    return changed(
        message.deleted(rev, deletion.at()), Kind.MESSAGE_DELETED, deletion.actor(), deletion.at());
  }

  private AppendOutcome react(Reaction reaction, Message message) {
    AppendOutcome refusal = reactions.refusal(reaction, message);
    if (refusal != null) {
      return refusal;
    }
    LockedCounters.Counter counter = counters.of(reaction.conversation());
    Message after = message.reacted(reaction.emoji(), reaction.on(), counter.nextRev());
    messages.put(Key.of(after), after);
    reactions.change(reaction, after.rev());
    ConversationChange change =
        ConversationChange.ofReaction(
            after.conversation(),
            after.rev(),
            counter.lastSeq(),
            reaction.actor(),
            new ReactionChange(
                after.seq(),
                reaction.emoji(),
                reaction.on(),
                after.reactionsWith(reaction.emoji())),
            reaction.at());
    made.add(change);
    return new AppendOutcome.Changed(change);
  }

  /**
   * @param role null for the system
   */
  private AppendOutcome pin(Pin pin, Message message, @Nullable Role role) {
    if (role != null && !pin.by().contains(role)) {
      return new AppendOutcome.NotAllowed();
    }
    AppendOutcome refusal = pins.refusal(pin, message.deleted());
    if (refusal != null) {
      return refusal;
    }
    LockedCounters.Counter counter = counters.of(pin.conversation());
    ConversationChange change =
        ConversationChange.ofPin(
            pin.conversation(),
            counter.nextRev(),
            counter.lastSeq(),
            pin.actor(),
            pin.seq(),
            pin.on(),
            pin.at());
    pins.change(pin, change.rev());
    made.add(change);
    return new AppendOutcome.Changed(change);
  }

  private AppendOutcome reattribute(Reattribution write, Message message) {
    UserId user = write.user();
    boolean own = message.from().equals(user);
    List<Emoji> given =
        write.erases() && !message.deleted() ? reactions.activeOf(message, user) : List.of();
    if (!own && !message.mentions().contains(user) && given.isEmpty()) {
      return new AppendOutcome.Unchanged(message);
    }
    long rev = counters.of(write.conversation()).nextRev();
    Message after = message;
    for (Emoji emoji : given) {
      after = after.reacted(emoji, false, rev);
      reactions.takeBack(message, user, emoji, rev);
    }
    after = after.reattributed(user, write.replacement(), write.erases(), rev, write.at());
    if (own) {
      authors.changed(after, write.erases());
    }
    if (after.deleted()) {
      reactions.forget(message);
      pins.forget(Key.of(message).place());
      versions.forget(message);
    }
    Kind kind = after.deleted() ? Kind.MESSAGE_DELETED : Kind.MESSAGE_EDITED;
    return changed(after, kind, UserId.SYSTEM, write.at());
  }

  private AppendOutcome changed(Message after, Kind kind, UserId actor, Instant at) {
    long lastSeq = counters.of(after.conversation()).lastSeq();
    ConversationChange change =
        ConversationChange.ofMessage(
            after.withReplyPreview(previewWithinBatch(after)), kind, lastSeq, actor, at);
    Message was = Objects.requireNonNull(messages.put(Key.of(after), after));
    before.putIfAbsent(Key.of(after), was);
    rewritten.add(Key.of(after));
    made.add(change);
    return new AppendOutcome.Changed(change);
  }

  /** All in one round trip, and one more where mentions change. */
  private void store() throws SQLException {
    Set<Key> changed = new LinkedHashSet<>();
    Map<Long, Long> revs = new LinkedHashMap<>();
    for (ConversationChange change : made) { // ascending in each conversation
      if (!change.kind().isOfPin()) {
        changed.add(new Key(change.conversation(), seqOf(change)));
      }
      revs.put(change.conversation().value(), change.rev());
    }
    List<Message> contents = messages(changed, rewritten::contains);
    List<Message> counts = messages(changed, key -> !rewritten.contains(key));
    List<Message> deleted = contents.stream().filter(Message::deleted).toList();
    String sql =
        (contents.isEmpty() ? "" : UPDATE)
            + (counts.isEmpty() ? "" : ReactionChanges.UPDATE_MESSAGES)
            + (reactions.isEmpty() ? "" : ReactionChanges.WRITE_ROWS)
            + (deleted.isEmpty() ? "" : ReactionChanges.DELETE_ROWS)
            + (contents.isEmpty() ? "" : SearchRows.FORGET + "; ")
            + versions.statements()
            + ChangeLog.INSERT
            + "; "
            + CommitRows.insertChanges(revs.size());
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      int next = contents.isEmpty() ? 1 : bindUpdate(statement, contents);
      next = counts.isEmpty() ? next : ReactionChanges.bindMessages(statement, next, counts);
      next = reactions.isEmpty() ? next : reactions.bindRows(statement, next);
      next = deleted.isEmpty() ? next : ReactionChanges.bindDeleted(statement, next, deleted);
      if (!contents.isEmpty()) {
        SearchRows.bindForget(
            statement, next, contents, message -> message.conversation().value(), Message::seq);
        next += 2;
      }
      next = versions.bind(statement, next);
      next = ChangeLog.bindInsert(statement, next, made);
      CommitRows.bindNumbers(statement, next, revs);
      statement.execute();
      requireUpdated(statement, contents.size());
      requireUpdated(statement, counts.size());
    }
    MentionRows mentions = new MentionRows();
    for (Message after : contents) {
      mentions.changed(Objects.requireNonNull(before.get(Key.of(after))), after);
    }
    mentions.write(connection);
    pins.write(connection);
    authors.write(connection);
  }

  private static long seqOf(ConversationChange change) {
    ReactionChange reaction = change.reaction();
    return reaction != null ? reaction.seq() : Objects.requireNonNull(change.message()).seq();
  }

  /** As they are in the end. */
  private List<Message> messages(Set<Key> keys, Predicate<Key> wanted) {
    return keys.stream()
        .filter(wanted)
        .map(key -> Objects.requireNonNull(messages.get(key)))
        .toList();
  }

  /** The next statement, if there is one for any, has to find all of its messages. */
  private static void requireUpdated(PreparedStatement statement, int expected)
      throws SQLException {
    if (expected > 0) {
      if (statement.getUpdateCount() != expected) {
        throw new IllegalStateException(
            "of " + expected + " messages " + statement.getUpdateCount() + " could be changed");
      }
      statement.getMoreResults();
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
    statement.setArray(
        9, arrays.texts(after, message -> ReactionCounts.lines(message.reactions())));
    return 10;
  }
}
