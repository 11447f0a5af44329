package chat.engine.memory.conversation;

import chat.engine.ConversationId;
import chat.engine.Invite;
import chat.engine.InviteId;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.InviteStore;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Invites in memory; the monitor of the conversations is their lock, too. */
final class InMemoryInvites implements InviteStore {
  private final InMemoryConversations conversations;
  private final Map<ConversationId, NavigableMap<InviteId, Invite>> byGroup = new HashMap<>();

  InMemoryInvites(InMemoryConversations conversations) {
    this.conversations = conversations;
  }

  private NavigableMap<InviteId, Invite> of(ConversationId group) {
    return byGroup.getOrDefault(group, Collections.emptyNavigableMap());
  }

  void forget(ConversationId group) {
    synchronized (conversations) {
      byGroup.remove(group);
    }
  }

  /** Under the lock. */
  void replace(ConversationId group, UserId user, UserId replacement) {
    NavigableMap<InviteId, Invite> invites = byGroup.get(group);
    if (invites != null) {
      invites.replaceAll(
          (id, invite) -> invite.by().equals(user) ? invite.by(replacement) : invite);
    }
  }

  @Override
  public CreateOutcome create(ConversationId group, long expectedRev, Invite invite, int most) {
    synchronized (conversations) {
      StoredConversation stored = conversations.find(group);
      if (stored == null || stored.membersRev() != expectedRev) {
        return CreateOutcome.CHANGED;
      }
      NavigableMap<InviteId, Invite> invites =
          byGroup.computeIfAbsent(group, none -> new TreeMap<>());
      invites.values().removeIf(other -> !other.isInForce(invite.createdAt()));
      if (invites.size() >= most) {
        return CreateOutcome.TOO_MANY;
      }
      invites.put(invite.id(), invite);
      return CreateOutcome.CREATED;
    }
  }

  @Override
  public Optional<Invite> find(ConversationId group, InviteId invite) {
    synchronized (conversations) {
      return Optional.ofNullable(of(group).get(invite));
    }
  }

  @Override
  public List<Invite> inForce(
      ConversationId group, @Nullable InviteId after, int limit, Instant now) {
    synchronized (conversations) {
      NavigableMap<InviteId, Invite> all = of(group);
      return (after == null ? all : all.tailMap(after, false))
          .values().stream().filter(invite -> invite.isInForce(now)).limit(limit).toList();
    }
  }

  @Override
  public boolean revoke(ConversationId group, InviteId invite) {
    synchronized (conversations) {
      NavigableMap<InviteId, Invite> invites = byGroup.get(group);
      return invites != null && invites.remove(invite) != null;
    }
  }

  @Override
  public JoinOutcome join(
      ConversationId group, InviteId id, UserId user, int maxMembers, Instant now) {
    synchronized (conversations) {
      StoredConversation stored = conversations.find(group);
      Invite invite = of(group).get(id);
      if (stored == null || invite == null) {
        return new JoinOutcome.NoInvite();
      }
      if (stored.member(user) != null) {
        return new JoinOutcome.WasMember(stored.conversation());
      }
      if (!invite.isInForce(now)) {
        return new JoinOutcome.NoInvite();
      }
      if (!conversations.bans(group, Set.of(user), now).isEmpty()) {
        return new JoinOutcome.Banned();
      }
      if (stored.members().size() >= maxMembers) {
        return new JoinOutcome.Full();
      }
      of(group).put(id, invite.used());
      List<Change> joins = List.of(Change.added(List.of(user), Role.MEMBER));
      return conversations
          .change(group, stored.membersRev(), joins, user, now)
          .<JoinOutcome>map(JoinOutcome.Joined::new)
          .orElseThrow(() -> new IllegalStateException("a locked conversation has changed"));
    }
  }
}
