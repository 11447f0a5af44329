package chat.engine.contract;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationChange.Kind;
import chat.engine.ConversationId;
import chat.engine.Member;
import chat.engine.MemberList;
import chat.engine.Message;
import chat.engine.MessageVersion;
import chat.engine.Preferences;
import chat.engine.ReceiptKind;
import chat.engine.ReplyPreview;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.ConversationStore.Changed;
import chat.engine.spi.ConversationStore.Membership;
import chat.engine.spi.ConversationStore.Receipt;
import chat.engine.spi.ConversationStore.ReceiptMove;
import chat.engine.spi.ConversationStore.ReceiptOutcome;
import chat.engine.spi.ConversationStore.Unread;
import chat.engine.spi.ConversationStore.UnreadRange;
import chat.engine.spi.Deletion;
import chat.engine.spi.Draft;
import chat.engine.spi.Edit;
import chat.engine.spi.MessageStore.ChangedAfter;
import chat.engine.spi.MessageStore.Range;
import chat.engine.spi.StoredMessage;
import chat.engine.spi.Write;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * What a store has to answer, in the plainest way there is: flat lists of all that ever happened,
 * and every question answered by looking at all of it. Slow, and too simple to be wrong in the ways
 * in which indexes, locks and batches are. Not thread-safe.
 */
final class ScanningModel {
  private record Sent(Draft draft, Message message, long rev) {}

  private enum WriteKind {
    MESSAGE,
    CHANGE,
    RECEIPT
  }

  private record Entry(WriteKind kind, ConversationId conversation, long number, UserId user) {}

  private record MemberKey(ConversationId conversation, UserId user) {}

  private final List<Conversation> conversations = new ArrayList<>();
  private final List<Sent> sent = new ArrayList<>();
  private final List<Message> versions = new ArrayList<>();
  private final List<ConversationChange> log = new ArrayList<>();
  private final List<Entry> writes = new ArrayList<>();
  private final Map<MemberKey, Member> members = new HashMap<>();

  // ---- conversations

  Conversation openDirect(ConversationId proposed, UserId one, UserId other, Instant now) {
    Optional<Conversation> existing =
        conversations.stream()
            .filter(c -> Set.copyOf(c.peers()).equals(Set.of(one, other)))
            .findFirst();
    return existing.orElseGet(
        () -> {
          Conversation direct = Conversation.direct(proposed, one, other, now);
          conversations.add(direct);
          writes.add(new Entry(WriteKind.CHANGE, proposed, 0, one));
          Stream.of(one, other).forEach(user -> join(proposed, user, Role.MEMBER, now, 0, 0));
          return direct;
        });
  }

  Conversation createGroup(ConversationId id, String name, Map<UserId, Role> roles, Instant now) {
    Optional<Conversation> existing = conversation(id);
    return existing.orElseGet(
        () -> {
          Conversation group = Conversation.group(id, name, now);
          conversations.add(group);
          writes.add(new Entry(WriteKind.CHANGE, id, 0, UserId.SYSTEM));
          roles.forEach((user, role) -> join(id, user, role, now, 0, 0));
          return group;
        });
  }

  private void join(ConversationId id, UserId user, Role role, Instant now, long seq, long rev) {
    members.put(new MemberKey(id, user), new Member(user, role, now, seq, rev, seq, seq));
  }

  Optional<Conversation> conversation(ConversationId id) {
    return conversations.stream().filter(c -> c.id().equals(id)).findFirst();
  }

  /** Sorted by user. */
  Optional<MemberList> members(ConversationId id) {
    List<Member> found =
        members.keySet().stream()
            .filter(key -> key.conversation().equals(id))
            .map(key -> Objects.requireNonNull(members.get(key)))
            .sorted((a, b) -> a.user().compareTo(b.user()))
            .toList();
    return conversation(id).map(c -> new MemberList(membersRev(id), found));
  }

  /** Sorted by conversation. */
  List<Membership> memberships(UserId user) {
    List<Membership> found = new ArrayList<>();
    for (Conversation c : conversations) {
      Member member = members.get(new MemberKey(c.id(), user));
      if (member != null) {
        found.add(
            new Membership(
                c,
                member.role(),
                rev(c.id()),
                lastSeq(c.id()),
                member.readSeq(),
                member.receivedSeq(),
                activeAt(c),
                Preferences.NONE,
                0,
                member.joinedSeq(),
                1,
                null));
      }
    }
    found.sort((a, b) -> a.conversation().id().compareTo(b.conversation().id()));
    return found;
  }

  private Instant activeAt(Conversation conversation) {
    List<Message> all = messages(conversation.id()).toList();
    return all.isEmpty() ? conversation.createdAt() : all.get(all.size() - 1).createdAt();
  }

  /** Of the last change that was not of a message. */
  long membersRev(ConversationId id) {
    return log.stream()
        .filter(change -> change.conversation().equals(id) && !change.kind().isOfMessage())
        .mapToLong(ConversationChange::rev)
        .max()
        .orElse(0);
  }

  long rev(ConversationId id) {
    return changes(id, 0, Integer.MAX_VALUE).size();
  }

  Optional<Changed> change(
      ConversationId id, long expectedRev, List<Change> wanted, UserId actor, Instant now) {
    if (conversation(id).isEmpty() || membersRev(id) != expectedRev) {
      return Optional.empty();
    }
    List<ConversationChange> made = new ArrayList<>();
    for (Change change : wanted) {
      ConversationChange logged = change.logged(id, rev(id) + 1, lastSeq(id), actor, now);
      log.add(logged);
      writes.add(new Entry(WriteKind.CHANGE, id, logged.rev(), actor));
      apply(logged);
      made.add(logged);
    }
    return Optional.of(new Changed(conversation(id).orElseThrow(), made));
  }

  private void apply(ConversationChange change) {
    ConversationId id = change.conversation();
    conversations.replaceAll(c -> c.id().equals(id) ? change.applyTo(c) : c);
    for (UserId user : change.subjects()) {
      apply(change, new MemberKey(id, user));
    }
  }

  private void apply(ConversationChange change, MemberKey key) {
    Member before = members.remove(key);
    if (change.kind() == Kind.ADDED) {
      Role role = Objects.requireNonNull(change.role());
      join(key.conversation(), key.user(), role, change.at(), change.atSeq(), change.rev());
    } else if (change.kind() == Kind.ROLE_SET && before != null) {
      Role role = Objects.requireNonNull(change.role());
      members.put(
          key,
          new Member(
              key.user(),
              role,
              before.joinedAt(),
              before.joinedSeq(),
              before.joinedRev(),
              before.readSeq(),
              before.receivedSeq()));
    }
  }

  List<ConversationChange> changes(ConversationId id, long afterRev, int limit) {
    return log.stream()
        .filter(change -> change.conversation().equals(id) && change.rev() > afterRev)
        .limit(limit)
        .map(change -> change.message() == null ? change : change.withMessage(now(change)))
        .toList();
  }

  private Message now(ConversationChange change) {
    Message then = Objects.requireNonNull(change.message());
    return withPreview(message(then.conversation(), then.seq()).orElseThrow());
  }

  // ---- messages

  List<AppendOutcome> append(List<Write> batch) {
    return batch.stream().map(this::append).toList();
  }

  private AppendOutcome append(Write write) {
    if (conversation(write.conversation()).isEmpty()) {
      return new AppendOutcome.NoSuchConversation();
    } else if (write instanceof Edit edit) {
      return edit(edit);
    } else if (write instanceof Deletion deletion) {
      return delete(deletion);
    }
    return send((Draft) write);
  }

  private AppendOutcome edit(Edit edit) {
    Optional<Message> message = message(edit.conversation(), edit.seq());
    if (!mayWrite(edit.conversation(), edit.actor())) {
      return new AppendOutcome.NotMember();
    } else if (message.isEmpty()) {
      return new AppendOutcome.NoSuchMessage();
    } else if (!edit.actor().isSystem() && !edit.actor().equals(message.get().from())) {
      return new AppendOutcome.NotAllowed();
    } else if (message.get().deleted()) {
      return new AppendOutcome.WasDeleted();
    } else if (message.get().isAs(edit.content())) {
      return new AppendOutcome.Unchanged(message.get());
    } else if (!edit.content().mayReplace(message.get().attributes())) {
      return new AppendOutcome.Superseded();
    }
    Optional<UserId> stranger =
        edit.content().mentions().stream()
            .filter(user -> !message.get().mentions().contains(user))
            .filter(user -> !members.containsKey(new MemberKey(edit.conversation(), user)))
            .findFirst();
    if (stranger.isPresent()) {
      return new AppendOutcome.MentionsStranger(stranger.get());
    }
    if (edit.keepsVersion()) {
      versions.add(message.get());
    }
    long rev = rev(edit.conversation()) + 1;
    return replace(
        message.get().edited(edit.content(), rev, edit.at()),
        Kind.MESSAGE_EDITED,
        edit.actor(),
        edit.at());
  }

  private AppendOutcome delete(Deletion deletion) {
    ConversationId id = deletion.conversation();
    Optional<Message> message = message(id, deletion.seq());
    if (!mayWrite(id, deletion.actor())) {
      return new AppendOutcome.NotMember();
    } else if (message.isEmpty()) {
      return new AppendOutcome.NoSuchMessage();
    }
    boolean own = message.get().from().equals(deletion.actor());
    if (!own && !deletion.actor().isSystem() && !mayDeleteOthers(deletion)) {
      return new AppendOutcome.NotAllowed();
    } else if (message.get().deleted()) {
      return new AppendOutcome.Unchanged(message.get());
    }
    return replace(
        message.get().deleted(rev(id) + 1, deletion.at()),
        Kind.MESSAGE_DELETED,
        deletion.actor(),
        deletion.at());
  }

  private boolean mayWrite(ConversationId id, UserId user) {
    return user.isSystem() || members.containsKey(new MemberKey(id, user));
  }

  private boolean mayDeleteOthers(Deletion deletion) {
    MemberKey key = new MemberKey(deletion.conversation(), deletion.actor());
    return deletion.othersBy().contains(Objects.requireNonNull(members.get(key)).role());
  }

  private AppendOutcome replace(Message after, Kind kind, UserId actor, Instant at) {
    ConversationId id = after.conversation();
    sent.replaceAll(
        s ->
            s.message().conversation().equals(id) && s.message().seq() == after.seq()
                ? new Sent(s.draft(), after, s.rev())
                : s);
    ConversationChange change = ConversationChange.ofMessage(after, kind, lastSeq(id), actor, at);
    log.add(change);
    writes.add(new Entry(WriteKind.CHANGE, id, after.rev(), actor));
    return new AppendOutcome.Changed(change.withMessage(withPreview(after)));
  }

  List<MessageVersion> versions(ConversationId id, long seq, long after, int limit) {
    Optional<Message> present = message(id, seq).filter(message -> !message.deleted());
    List<Message> all =
        Stream.concat(
                versions.stream()
                    .filter(message -> message.conversation().equals(id) && message.seq() == seq),
                present.stream())
            .toList();
    return present.isEmpty()
        ? List.of()
        : LongStream.rangeClosed(1, all.size())
            .filter(number -> number > after)
            .mapToObj(number -> MessageVersion.of(all.get((int) number - 1), number))
            .limit(limit)
            .toList();
  }

  List<Message> changed(ChangedAfter piece) {
    return messages(piece.conversation())
        .filter(message -> message.rev() > piece.afterRev() && message.seq() <= piece.upToSeq())
        .sorted(Comparator.comparing(Message::rev))
        .limit(piece.limit())
        .map(this::withPreview)
        .toList();
  }

  private AppendOutcome send(Draft draft) {
    ConversationId id = draft.conversation();
    Optional<Sent> first =
        sent.stream()
            .filter(
                s ->
                    s.draft().conversation().equals(id)
                        && s.draft().sender().equals(draft.sender())
                        && s.draft().clientMessageId().equals(draft.clientMessageId()))
            .findFirst();
    if (first.isPresent()) {
      return first.get().draft().contentHash() == draft.contentHash()
          ? new AppendOutcome.Duplicate(withPreview(first.get().message()), first.get().rev())
          : new AppendOutcome.Conflict();
    }
    if (!draft.sender().isSystem() && !members.containsKey(new MemberKey(id, draft.sender()))) {
      return new AppendOutcome.NotMember();
    }
    long seq = lastSeq(id) + 1;
    Optional<UserId> stranger =
        draft.mentions().stream()
            .filter(user -> !members.containsKey(new MemberKey(id, user)))
            .findFirst();
    if (stranger.isPresent()) {
      return new AppendOutcome.MentionsStranger(stranger.get());
    }
    if (draft.replyTo() != null && draft.replyTo() >= seq) {
      return new AppendOutcome.NoSuchMessage();
    }
    sent.add(new Sent(draft, Drafts.stored(draft, seq), membersRev(id)));
    writes.add(new Entry(WriteKind.MESSAGE, id, seq, draft.sender()));
    return new AppendOutcome.Stored(
        seq, membersRev(id), withPreview(Drafts.stored(draft, seq)).replyPreview());
  }

  long lastSeq(ConversationId id) {
    return messages(id).count();
  }

  private Optional<Message> message(ConversationId id, long seq) {
    return messages(id).filter(message -> message.seq() == seq).findFirst();
  }

  private Message withPreview(Message message) {
    Long replyTo = message.replyTo();
    return replyTo == null || message.deleted()
        ? message
        : message.withReplyPreview(
            message(message.conversation(), replyTo).map(ReplyPreview::of).orElse(null));
  }

  private Stream<Message> messages(ConversationId id) {
    return sent.stream().map(Sent::message).filter(message -> message.conversation().equals(id));
  }

  List<StoredMessage> after(ConversationId id, long afterSeq, int limit) {
    return sent.stream()
        .filter(s -> s.message().conversation().equals(id) && s.message().seq() > afterSeq)
        .limit(limit)
        .map(s -> new StoredMessage(withPreview(s.message()), s.rev()))
        .toList();
  }

  List<Message> before(ConversationId id, long beforeSeq, int limit) {
    List<Message> below =
        messages(id).filter(message -> message.seq() < beforeSeq).map(this::withPreview).toList();
    return below.subList(Math.max(0, below.size() - limit), below.size());
  }

  List<Message> range(Range range) {
    return after(range.conversation(), range.afterSeq(), Integer.MAX_VALUE).stream()
        .map(StoredMessage::message)
        .filter(message -> message.seq() <= range.upToSeq())
        .limit(range.limit())
        .toList();
  }

  // ---- writes

  /** How many writes there were so far. */
  int writes() {
    return writes.size();
  }

  private Stream<Entry> since(int before, WriteKind kind) {
    return writes.subList(before, writes.size()).stream().filter(write -> write.kind() == kind);
  }

  Map<ConversationId, Long> lastSeqsSince(int before) {
    return highest(since(before, WriteKind.MESSAGE));
  }

  Map<ConversationId, Long> revsSince(int before) {
    return highest(since(before, WriteKind.CHANGE));
  }

  private static Map<ConversationId, Long> highest(Stream<Entry> some) {
    Map<ConversationId, Long> highest = new TreeMap<>();
    some.forEach(write -> highest.merge(write.conversation(), write.number(), Math::max));
    return highest;
  }

  Map<ConversationId, Set<UserId>> receiptsSince(int before) {
    Map<ConversationId, Set<UserId>> moved = new TreeMap<>();
    since(before, WriteKind.RECEIPT)
        .forEach(
            write ->
                moved
                    .computeIfAbsent(write.conversation(), none -> new TreeSet<>())
                    .add(write.user()));
    return moved;
  }

  // ---- receipts

  Unread unread(UserId user, UnreadRange range) {
    List<Message> unread =
        messages(range.conversation())
            .filter(m -> m.seq() > range.afterSeq() && m.seq() <= range.upToSeq())
            .filter(m -> !m.from().equals(user) && (!m.deleted() || m.rev() > range.rev()))
            .toList();
    return new Unread(
        unread.size(), unread.stream().filter(m -> m.mentions().contains(user)).count());
  }

  List<Receipt> receipts(Map<ConversationId, Set<UserId>> wanted) {
    return members.entrySet().stream()
        .filter(
            m ->
                wanted
                    .getOrDefault(m.getKey().conversation(), Set.of())
                    .contains(m.getKey().user()))
        .map(
            m ->
                new Receipt(
                    m.getKey().conversation(),
                    m.getKey().user(),
                    m.getValue().readSeq(),
                    m.getValue().receivedSeq(),
                    m.getValue().joinedRev(),
                    Preferences.NONE))
        .toList();
  }

  ReceiptOutcome move(ReceiptMove move) {
    MemberKey key = new MemberKey(move.conversation(), move.user());
    Member member = members.get(key);
    if (member == null) {
      return ReceiptOutcome.NOT_MEMBER;
    }
    if (move.seq() > lastSeq(move.conversation())) {
      return ReceiptOutcome.BEYOND_LAST;
    }
    boolean read = move.kind() == ReceiptKind.READ;
    if (move.seq() <= (read ? member.readSeq() : member.receivedSeq())) {
      return ReceiptOutcome.UNCHANGED;
    }
    members.put(
        key,
        new Member(
            member.user(),
            member.role(),
            member.joinedAt(),
            member.joinedSeq(),
            member.joinedRev(),
            read ? move.seq() : member.readSeq(),
            Math.max(move.seq(), member.receivedSeq())));
    writes.add(new Entry(WriteKind.RECEIPT, move.conversation(), 0, move.user()));
    return ReceiptOutcome.MOVED;
  }
}
