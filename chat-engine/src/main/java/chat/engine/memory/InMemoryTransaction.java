package chat.engine.memory;

import chat.engine.Ban;
import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.Member;
import chat.engine.MemberList;
import chat.engine.Message;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.memory.conversation.InMemoryConversations;
import chat.engine.memory.conversation.StoredConversation;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.ConversationStore.Changed;
import chat.engine.spi.MessageStore.Reading;
import chat.engine.spi.StoreTransaction;
import chat.engine.spi.Write;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Works on copies of the conversations that it changes, and repeats everything on the originals
 * when it is told that the application has committed. Nothing is locked meanwhile: what others did
 * stays, and a message then has the next seq that is free, which may be a higher one than was told
 * before. Not thread-safe but for {@link #committed}.
 *
 * <p>A transaction of the store itself holds what it locks until it is closed, against others like
 * it.
 */
final class InMemoryTransaction implements StoreTransaction, AutoCloseable {
  private final InMemoryConversations conversations;
  private final Map<ConversationId, StoredConversation> copies = new HashMap<>();
  private final Map<ConversationStore.Key, Conversation> keys = new HashMap<>();
  private final Map<List<UserId>, Conversation> directs = new HashMap<>();
  private final Set<ConversationId> deleted = new HashSet<>();
  private final List<AppendOutcome> outcomes = new ArrayList<>();
  private final List<Runnable> writes = new ArrayList<>();

  private final @Nullable InMemoryLocks locks;
  private final Set<Object> held = new HashSet<>();

  /**
   * @param locks null to hold nothing
   */
  InMemoryTransaction(InMemoryConversations conversations, @Nullable InMemoryLocks locks) {
    this.conversations = conversations;
    this.locks = locks;
  }

  private void hold(Object what) {
    if (locks != null && !held.contains(what)) {
      locks.acquire(what);
      held.add(what);
    }
  }

  private @Nullable StoredConversation copy(ConversationId id) {
    if (deleted.contains(id)) {
      return null;
    }
    StoredConversation copy = copies.get(id);
    if (copy == null) {
      synchronized (conversations) {
        StoredConversation original = conversations.find(id);
        copy = original == null ? null : original.copy();
      }
      if (copy != null) {
        copies.put(id, copy);
      }
    }
    return copy;
  }

  @Override
  public AppendOutcome append(Write write) {
    StoredConversation copy = copy(write.conversation());
    AppendOutcome outcome =
        copy == null
            ? new AppendOutcome.NoSuchConversation()
            : copy.write(write, conversations.blockOf(write, copy.conversation()));
    int index = outcomes.size();
    outcomes.add(outcome);
    if (outcome instanceof AppendOutcome.Stored || outcome instanceof AppendOutcome.Changed) {
      writes.add(() -> outcomes.set(index, conversations.append(write)));
    }
    return outcome;
  }

  @Override
  public Conversation openDirect(Conversation proposed) {
    Conversation mine = directs.get(proposed.peers());
    Optional<Conversation> existing =
        mine != null ? Optional.of(mine) : conversations.findDirect(proposed.peers());
    if (existing.isPresent() && !deleted.contains(existing.get().id())) {
      return existing.get();
    }
    UserId one = proposed.peers().get(0);
    UserId other = proposed.peers().get(1);
    Map<UserId, Role> members = Map.of(one, Role.MEMBER, other, Role.MEMBER);
    create(proposed, members);
    directs.put(proposed.peers(), proposed);
    writes.add(() -> conversations.openDirect(proposed.id(), one, other, proposed.createdAt()));
    return proposed;
  }

  @Override
  public Conversation ensureGroup(
      ConversationStore.Key key, Conversation proposed, Map<UserId, Role> members) {
    Optional<Conversation> existing = present(key);
    if (existing.isPresent()) {
      return find(existing.get().id()).orElse(existing.get());
    }
    create(proposed, members);
    keys.put(key, proposed);
    writes.add(() -> conversations.ensureGroup(key, proposed, members));
    return proposed;
  }

  @Override
  public Optional<Conversation> findOrLock(ConversationStore.Key key) {
    Optional<Conversation> found = present(key);
    if (found.isEmpty()) {
      hold(key);
      found = present(key); // created while this waited
    }
    return found;
  }

  private Optional<Conversation> present(ConversationStore.Key key) {
    Conversation mine = keys.get(key);
    return (mine != null ? Optional.of(mine) : conversations.find(key))
        .filter(found -> !deleted.contains(found.id()));
  }

  @Override
  public Optional<ConversationStore.Key> keyOf(ConversationId id) {
    if (deleted.contains(id)) {
      return Optional.empty();
    }
    return keys.entrySet().stream()
        .filter(entry -> entry.getValue().id().equals(id))
        .findFirst()
        .map(Map.Entry::getKey)
        .or(() -> conversations.keyOf(id));
  }

  private void create(Conversation proposed, Map<UserId, Role> members) {
    copies.put(proposed.id(), new StoredConversation(proposed, members, proposed.createdAt()));
  }

  @Override
  public Optional<Conversation> find(ConversationId id) {
    StoredConversation copy = copies.get(id);
    if (deleted.contains(id)) {
      return Optional.empty();
    }
    return copy != null
        ? Optional.of(copy.conversation())
        : Optional.ofNullable(conversations.find(List.of(id)).get(id))
            .map(ConversationStore.Found::conversation);
  }

  @Override
  public Optional<Member> member(ConversationId id, UserId user) {
    StoredConversation copy = copies.get(id);
    if (deleted.contains(id)) {
      return Optional.empty();
    }
    return copy != null ? Optional.ofNullable(copy.member(user)) : conversations.member(id, user);
  }

  @Override
  public Optional<Message> readable(Reading wanted) {
    ConversationId id = wanted.conversation();
    if (deleted.contains(id)) {
      return Optional.empty();
    }
    synchronized (conversations) {
      StoredConversation copy = copies.get(id);
      return Optional.ofNullable(copy != null ? copy : conversations.find(id))
          .flatMap(stored -> stored.readable(wanted.reader(), wanted.seq()));
    }
  }

  @Override
  public Optional<MemberList> lock(ConversationId id) {
    hold(id);
    return Optional.ofNullable(copy(id))
        .map(copy -> new MemberList(copy.membersRev(), List.copyOf(copy.members())));
  }

  @Override
  public List<Ban> bans(ConversationId id, Collection<UserId> among, Instant now) {
    StoredConversation copy = copies.get(id);
    if (deleted.contains(id)) {
      return List.of();
    }
    return copy == null
        ? conversations.bans(id, among, now)
        : copy.restrictions().bans(null, now).filter(ban -> among.contains(ban.user())).toList();
  }

  @Override
  public Optional<Changed> change(
      ConversationId id, long expectedRev, List<Change> changes, UserId actor, Instant now) {
    StoredConversation copy = copy(id);
    if (copy == null || copy.membersRev() != expectedRev) {
      return Optional.empty();
    }
    List<ConversationChange> made = copy.change(changes, actor, now);
    writes.add(() -> repeat(id, changes, actor, now));
    return Optional.of(new Changed(copy.conversation(), made));
  }

  /** Makes what is still to be made of the changes. */
  private void repeat(ConversationId id, List<Change> changes, UserId actor, Instant now) {
    StoredConversation stored = conversations.find(id);
    if (stored == null) {
      return;
    }
    for (Change change : changes) {
      boolean adds = change.kind() == ConversationChange.Kind.ADDED;
      boolean bans =
          change.kind() == ConversationChange.Kind.BANNED
              || change.kind() == ConversationChange.Kind.UNBANNED;
      Predicate<UserId> concerned = user -> bans || (stored.member(user) == null) == adds;
      List<UserId> subjects = change.subjects().stream().filter(concerned).toList();
      if (!subjects.isEmpty() || change.subjects().isEmpty()) {
        conversations.change(
            id, stored.membersRev(), List.of(change.withSubjects(subjects)), actor, now);
      }
    }
  }

  @Override
  public Optional<Changed> delete(ConversationId id, UserId actor, Instant now) {
    StoredConversation copy = copy(id);
    if (copy == null) {
      return Optional.empty();
    }
    ConversationChange deletion = copy.deletion(actor, now);
    deleted.add(id);
    keys.values().removeIf(conversation -> conversation.id().equals(id));
    directs.values().removeIf(conversation -> conversation.id().equals(id));
    writes.add(() -> conversations.delete(id, actor, now));
    return Optional.of(new Changed(copy.conversation(), List.of(deletion)));
  }

  @Override
  public List<AppendOutcome> committed() {
    synchronized (conversations) { // all at once for others
      writes.forEach(Runnable::run);
      writes.clear();
      return List.copyOf(outcomes);
    }
  }

  @Override
  public void close() {
    if (locks != null) {
      locks.release(held);
    }
  }
}
