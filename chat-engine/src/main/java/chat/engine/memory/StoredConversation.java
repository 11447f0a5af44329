package chat.engine.memory;

import chat.engine.ClientMessageId;
import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.Member;
import chat.engine.Message;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.Draft;
import chat.engine.spi.StoredMessage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One conversation with its messages, members and changes. The message of seq n is at index n - 1,
 * and the change of rev n likewise, so a page is a piece of a list. Guarded by the store's lock.
 */
final class StoredConversation {
  private record Key(UserId sender, ClientMessageId clientMessageId) {}

  private record First(StoredMessage stored, long contentHash) {}

  private Conversation conversation;
  private final List<StoredMessage> messages = new ArrayList<>();
  private final Map<Key, First> byKey = new HashMap<>();
  private NavigableMap<UserId, Member> members = new TreeMap<>(StoredConversation::byBytes);
  private final List<ConversationChange> changes = new ArrayList<>();

  StoredConversation(Conversation conversation, Map<UserId, Role> roles, Instant now) {
    this.conversation = conversation;
    roles.forEach((user, role) -> members.put(user, new Member(user, role, now, 0, 0, 0, 0)));
  }

  /** One that changes on its own. */
  StoredConversation copy() {
    StoredConversation copy = new StoredConversation(conversation, Map.of(), Instant.EPOCH);
    copy.messages.addAll(messages);
    copy.byKey.putAll(byKey);
    copy.members.putAll(members);
    copy.changes.addAll(changes);
    return copy;
  }

  Conversation conversation() {
    return conversation;
  }

  ConversationId id() {
    return conversation.id();
  }

  long lastSeq() {
    return messages.size();
  }

  long rev() {
    return changes.size();
  }

  @Nullable Member member(UserId user) {
    return members.get(user);
  }

  void moveReceipts(Member member, long readSeq, long receivedSeq) {
    members.put(
        member.user(),
        new Member(
            member.user(),
            member.role(),
            member.joinedAt(),
            member.joinedSeq(),
            member.joinedRev(),
            readSeq,
            receivedSeq));
  }

  Collection<Member> members() {
    return members.values();
  }

  /** The first members behind a user, or of all, up to the limit. */
  List<Member> members(@Nullable UserId after, int limit) {
    return (after == null ? members : members.tailMap(after, false))
        .values().stream().limit(limit).toList();
  }

  /**
   * As the bytes in UTF-8 compare, which is as the code points do. Strings compare by UTF-16, which
   * puts what takes a surrogate pair before U+E000 to U+FFFF.
   */
  private static int byBytes(UserId one, UserId other) {
    String a = one.value();
    String b = other.value();
    int differsAt = 0;
    while (differsAt < a.length()
        && differsAt < b.length()
        && a.charAt(differsAt) == b.charAt(differsAt)) {
      differsAt++;
    }
    return differsAt == a.length() || differsAt == b.length()
        ? Integer.compare(a.length(), b.length())
        : Integer.compare(rank(a.charAt(differsAt)), rank(b.charAt(differsAt)));
  }

  private static int rank(char c) {
    return Character.isSurrogate(c) ? c + 0x10000 : c;
  }

  /**
   * What was sent before is told before the membership is looked at: who retries has to learn that
   * the first attempt was stored, even if they were removed since.
   */
  AppendOutcome append(Draft draft) {
    Key key = new Key(draft.sender(), draft.clientMessageId());
    First first = byKey.get(key);
    if (first != null) {
      return first.contentHash() == draft.contentHash()
          ? new AppendOutcome.Duplicate(first.stored().message(), first.stored().membersRev())
          : new AppendOutcome.Conflict();
    }
    if (!draft.sender().isSystem() && !members.containsKey(draft.sender())) {
      return new AppendOutcome.NotMember();
    }
    if (draft.repliesBeyond(lastSeq())) {
      return new AppendOutcome.NoSuchMessage();
    }
    long seq = lastSeq() + 1;
    StoredMessage stored = new StoredMessage(draft.asMessage(seq), rev());
    messages.add(stored);
    byKey.put(key, new First(stored, draft.contentHash()));
    return new AppendOutcome.Stored(seq, rev());
  }

  /** Messages {@code afterSeq < seq <= upToSeq}, the first ones up to the limit. */
  List<StoredMessage> stored(long afterSeq, long upToSeq, int limit) {
    return page(messages, afterSeq, upToSeq, limit);
  }

  List<Message> messages(long afterSeq, long upToSeq, int limit) {
    return stored(afterSeq, upToSeq, limit).stream().map(StoredMessage::message).toList();
  }

  List<ConversationChange> changesAfter(long rev, int limit) {
    return page(changes, rev, Long.MAX_VALUE, limit);
  }

  private static <T> List<T> page(List<T> all, long after, long upTo, int limit) {
    int from = (int) Math.min(Math.max(0, after), all.size());
    int to = (int) Math.min(Math.min(upTo, all.size()), (long) from + limit);
    return to <= from ? List.of() : List.copyOf(all.subList(from, to));
  }

  /** Makes all changes, or throws and makes none: they are made on copies that then take over. */
  List<ConversationChange> change(List<Change> wanted, UserId actor, Instant now) {
    NavigableMap<UserId, Member> nextMembers = new TreeMap<>(members);
    Conversation nextConversation = conversation;
    List<ConversationChange> made = new ArrayList<>(wanted.size());
    for (Change change : wanted) {
      long rev = rev() + made.size() + 1;
      switch (change.kind()) {
        case ADDED -> add(nextMembers, change, now, rev);
        case REMOVED -> change.subjects().forEach(nextMembers::remove);
        case ROLE_SET -> setRole(nextMembers, change);
        case RENAMED, ATTRIBUTES_SET -> {} // applied below
        case DELETED -> throw new IllegalArgumentException("a deletion is no change of this kind");
      }
      ConversationChange logged =
          new ConversationChange(
              id(),
              rev,
              lastSeq(),
              change.kind(),
              actor,
              change.subjects(),
              change.role(),
              change.name(),
              change.attributes(),
              now);
      nextConversation = logged.applyTo(nextConversation);
      made.add(logged);
    }
    members = nextMembers;
    conversation = nextConversation;
    changes.addAll(made);
    return List.copyOf(made);
  }

  /** The last change, which ends it. */
  ConversationChange deletion(UserId actor, Instant now) {
    return new ConversationChange(
        id(),
        rev() + 1,
        lastSeq(),
        ConversationChange.Kind.DELETED,
        actor,
        conversation.peers(),
        null,
        null,
        now);
  }

  private void add(Map<UserId, Member> next, Change change, Instant now, long rev) {
    Role role = Objects.requireNonNull(change.role());
    for (UserId user : change.subjects()) {
      Member added = new Member(user, role, now, lastSeq(), rev, lastSeq(), lastSeq());
      if (next.putIfAbsent(user, added) != null) {
        throw new IllegalArgumentException("user " + user + " is a member of " + id() + " already");
      }
    }
  }

  private static void setRole(Map<UserId, Member> next, Change change) {
    Role role = Objects.requireNonNull(change.role());
    for (UserId user : change.subjects()) {
      next.computeIfPresent(
          user,
          (same, member) ->
              new Member(
                  user,
                  role,
                  member.joinedAt(),
                  member.joinedSeq(),
                  member.joinedRev(),
                  member.readSeq(),
                  member.receivedSeq()));
    }
  }
}
