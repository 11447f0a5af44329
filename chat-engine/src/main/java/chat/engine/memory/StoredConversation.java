package chat.engine.memory;

import chat.engine.ClientMessageId;
import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.Member;
import chat.engine.Message;
import chat.engine.MessageId;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.Draft;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One conversation with its messages, members and changes. Guarded by the store's lock. */
final class StoredConversation {
  private record Key(UserId sender, ClientMessageId clientMessageId) {}

  private record First(Message message, long contentHash) {}

  private record LoggedChange(MessageId changeId, ConversationChange change) {}

  private Conversation conversation;
  private final List<Message> messages = new ArrayList<>();
  private final Map<Key, First> byKey = new HashMap<>();
  private final Map<UserId, Member> members = new LinkedHashMap<>();
  private final List<LoggedChange> changes = new ArrayList<>();

  StoredConversation(Conversation conversation, Map<UserId, Role> roles, Instant now) {
    this.conversation = conversation;
    roles.forEach((user, role) -> members.put(user, new Member(user, role, now, 0, 0)));
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

  boolean hasMember(UserId user) {
    return members.containsKey(user);
  }

  @Nullable Member member(UserId user) {
    return members.get(user);
  }

  void update(Member member) {
    members.put(member.user(), member);
  }

  Collection<Member> members() {
    return members.values();
  }

  AppendOutcome append(Draft draft) {
    Key key = new Key(draft.sender(), draft.clientMessageId());
    First first = byKey.get(key);
    if (first != null) {
      return first.contentHash() == draft.contentHash()
          ? new AppendOutcome.Duplicate(first.message(), rev())
          : new AppendOutcome.Conflict();
    }
    long seq = lastSeq() + 1;
    Message message =
        new Message(
            draft.conversation(),
            draft.id(),
            seq,
            draft.sender(),
            draft.clientMessageId(),
            draft.text(),
            draft.replyTo(),
            draft.mentions(),
            draft.attributes(),
            draft.createdAt());
    messages.add(message);
    byKey.put(key, new First(message, draft.contentHash()));
    return new AppendOutcome.Stored(seq, rev());
  }

  /** Messages {@code afterSeq < seq <= upToSeq}, the first ones up to the limit. */
  List<Message> messages(long afterSeq, long upToSeq, int limit) {
    int from = (int) Math.min(Math.max(0, afterSeq), messages.size());
    int to = (int) Math.min(Math.min(upToSeq, messages.size()), (long) from + limit);
    return to <= from ? List.of() : List.copyOf(messages.subList(from, to));
  }

  /** Looks from the newest back, for ids are nearly sorted; 0 if there is none. */
  long lastSeqWithIdAbove(MessageId id) {
    for (int i = messages.size() - 1; i >= 0; i--) {
      if (messages.get(i).id().compareTo(id) > 0) {
        return messages.get(i).seq();
      }
      if (messages.size() - i > 1000) {
        return 0;
      }
    }
    return 0;
  }

  List<ConversationChange> change(
      List<Change> wanted, UserId actor, MessageId changeId, Instant now) {
    List<ConversationChange> made = new ArrayList<>();
    for (Change change : wanted) {
      ConversationChange logged =
          new ConversationChange(
              id(),
              rev() + 1,
              lastSeq(),
              change.kind(),
              actor,
              change.subject(),
              change.role(),
              change.name(),
              now);
      apply(logged);
      changes.add(new LoggedChange(changeId, logged));
      made.add(logged);
    }
    return made;
  }

  private void apply(ConversationChange change) {
    switch (change.kind()) {
      case ADDED -> {
        UserId user = Objects.requireNonNull(change.subject());
        Role role = Objects.requireNonNull(change.role());
        members.put(user, new Member(user, role, change.at(), lastSeq(), lastSeq()));
      }
      case REMOVED -> members.remove(Objects.requireNonNull(change.subject()));
      case ROLE_SET -> {
        Member member =
            Objects.requireNonNull(members.get(Objects.requireNonNull(change.subject())));
        Role role = Objects.requireNonNull(change.role());
        update(
            new Member(
                member.user(), role, member.joinedAt(), member.readSeq(), member.receivedSeq()));
      }
      case RENAMED ->
          conversation =
              Conversation.group(
                  id(), Objects.requireNonNull(change.name()), conversation.createdAt());
    }
  }

  List<ConversationChange> changesAfter(long rev, int limit) {
    return changes.stream().skip(Math.max(0, rev)).limit(limit).map(LoggedChange::change).toList();
  }

  boolean hasChangeAbove(MessageId id) {
    return !changes.isEmpty() && changes.get(changes.size() - 1).changeId().compareTo(id) > 0;
  }
}
