package chat.engine.contract;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationChange.Kind;
import chat.engine.ConversationId;
import chat.engine.Member;
import chat.engine.Message;
import chat.engine.MessageId;
import chat.engine.ReceiptKind;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.ConversationStore.MemberList;
import chat.engine.spi.ConversationStore.Membership;
import chat.engine.spi.ConversationStore.ReceiptMove;
import chat.engine.spi.ConversationStore.ReceiptOutcome;
import chat.engine.spi.Draft;
import chat.engine.spi.MessageStore.Range;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What a store has to answer, in the plainest way there is: flat lists of all that ever happened,
 * and every question answered by looking at all of it. Slow, and too simple to be wrong in the ways
 * in which indexes, locks and batches are. Not thread-safe.
 */
final class ScanningModel {
  private record Sent(Draft draft, Message message) {}

  private record Logged(MessageId changeId, ConversationChange change) {}

  private record MemberKey(ConversationId conversation, UserId user) {}

  private final List<Conversation> conversations = new ArrayList<>();
  private final List<Sent> sent = new ArrayList<>();
  private final List<Logged> log = new ArrayList<>();
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
          Stream.of(one, other).forEach(user -> join(proposed, user, Role.MEMBER, now, 0));
          return direct;
        });
  }

  Conversation createGroup(ConversationId id, String name, Map<UserId, Role> roles, Instant now) {
    Optional<Conversation> existing = conversation(id);
    return existing.orElseGet(
        () -> {
          Conversation group = Conversation.group(id, name, now);
          conversations.add(group);
          roles.forEach((user, role) -> join(id, user, role, now, 0));
          return group;
        });
  }

  private void join(ConversationId id, UserId user, Role role, Instant now, long seq) {
    members.put(new MemberKey(id, user), new Member(user, role, now, seq, seq));
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
    return conversation(id).map(c -> new MemberList(rev(id), found));
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
                member.receivedSeq()));
      }
    }
    found.sort((a, b) -> a.conversation().id().compareTo(b.conversation().id()));
    return found;
  }

  long rev(ConversationId id) {
    return changes(id, 0, Integer.MAX_VALUE).size();
  }

  Optional<List<ConversationChange>> change(
      ConversationId id,
      long expectedRev,
      List<Change> wanted,
      UserId actor,
      MessageId changeId,
      Instant now) {
    if (conversation(id).isEmpty() || rev(id) != expectedRev) {
      return Optional.empty();
    }
    List<ConversationChange> made = new ArrayList<>();
    for (Change change : wanted) {
      ConversationChange logged =
          new ConversationChange(
              id,
              rev(id) + 1,
              lastSeq(id),
              change.kind(),
              actor,
              change.subject(),
              change.role(),
              change.name(),
              now);
      log.add(new Logged(changeId, logged));
      apply(logged);
      made.add(logged);
    }
    return Optional.of(made);
  }

  private void apply(ConversationChange change) {
    ConversationId id = change.conversation();
    if (change.kind() == Kind.RENAMED) {
      String name = Objects.requireNonNull(change.name());
      conversations.replaceAll(
          c -> c.id().equals(id) ? Conversation.group(id, name, c.createdAt()) : c);
      return;
    }
    MemberKey key = new MemberKey(id, Objects.requireNonNull(change.subject()));
    Member before = members.remove(key);
    if (change.kind() == Kind.ADDED) {
      Role role = Objects.requireNonNull(change.role());
      join(id, key.user(), role, change.at(), lastSeq(id));
    } else if (change.kind() == Kind.ROLE_SET && before != null) {
      Role role = Objects.requireNonNull(change.role());
      members.put(
          key,
          new Member(key.user(), role, before.joinedAt(), before.readSeq(), before.receivedSeq()));
    }
  }

  List<ConversationChange> changes(ConversationId id, long afterRev, int limit) {
    return log.stream()
        .map(Logged::change)
        .filter(change -> change.conversation().equals(id) && change.rev() > afterRev)
        .limit(limit)
        .toList();
  }

  Map<ConversationId, Long> changedSince(MessageId id) {
    Set<ConversationId> changed = new TreeSet<>();
    log.stream()
        .filter(logged -> logged.changeId().compareTo(id) > 0)
        .forEach(logged -> changed.add(logged.change().conversation()));
    conversations.stream()
        .filter(c -> c.peers().isEmpty() && c.id().value() > id.value())
        .forEach(c -> changed.add(c.id()));
    Map<ConversationId, Long> revs = new TreeMap<>();
    changed.forEach(group -> revs.put(group, rev(group)));
    return revs;
  }

  // ---- messages

  List<AppendOutcome> append(List<Draft> drafts) {
    return drafts.stream().map(this::append).toList();
  }

  private AppendOutcome append(Draft draft) {
    ConversationId id = draft.conversation();
    if (conversation(id).isEmpty()) {
      return new AppendOutcome.NoSuchConversation();
    }
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
          ? new AppendOutcome.Duplicate(first.get().message(), rev(id))
          : new AppendOutcome.Conflict();
    }
    if (!draft.sender().isSystem() && !members.containsKey(new MemberKey(id, draft.sender()))) {
      return new AppendOutcome.NotMember();
    }
    long seq = lastSeq(id) + 1;
    if (draft.replyTo() != null && draft.replyTo() >= seq) {
      return new AppendOutcome.NoSuchMessage();
    }
    sent.add(new Sent(draft, Drafts.stored(draft, seq)));
    return new AppendOutcome.Stored(seq, rev(id));
  }

  long lastSeq(ConversationId id) {
    return messages(id).count();
  }

  private Stream<Message> messages(ConversationId id) {
    return sent.stream().map(Sent::message).filter(message -> message.conversation().equals(id));
  }

  List<Message> after(ConversationId id, long afterSeq, int limit) {
    return messages(id).filter(message -> message.seq() > afterSeq).limit(limit).toList();
  }

  List<Message> before(ConversationId id, long beforeSeq, int limit) {
    List<Message> below = messages(id).filter(message -> message.seq() < beforeSeq).toList();
    return below.subList(Math.max(0, below.size() - limit), below.size());
  }

  List<Message> range(Range range) {
    return after(range.conversation(), range.afterSeq(), Integer.MAX_VALUE).stream()
        .filter(message -> message.seq() <= range.upToSeq())
        .limit(range.limit())
        .toList();
  }

  Map<ConversationId, Long> committedSince(MessageId id) {
    Map<ConversationId, Long> highest = new TreeMap<>();
    sent.stream()
        .map(Sent::message)
        .filter(message -> message.id().compareTo(id) > 0)
        .forEach(message -> highest.merge(message.conversation(), message.seq(), Math::max));
    return highest;
  }

  // ---- receipts

  long unread(UserId user, Range range) {
    return messages(range.conversation())
        .filter(m -> m.seq() > range.afterSeq() && m.seq() <= range.upToSeq())
        .filter(m -> !m.from().equals(user))
        .count();
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
            read ? move.seq() : member.readSeq(),
            Math.max(move.seq(), member.receivedSeq())));
    return ReceiptOutcome.MOVED;
  }
}
