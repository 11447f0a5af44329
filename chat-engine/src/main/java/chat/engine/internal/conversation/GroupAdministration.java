package chat.engine.internal.conversation;

import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ConversationChange.Kind;
import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.Member;
import chat.engine.MemberList;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.util.Threads;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.IdGenerator;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates conversations and changes groups, by the rules of {@link Role}. A rule is decided on the
 * members at some rev, and the store makes the change only at that rev; if somebody was faster it
 * is decided anew. Every method blocks: call it on a store thread. Thread-safe.
 */
public final class GroupAdministration {
  private static final Logger log = LoggerFactory.getLogger(GroupAdministration.class);
  private static final int MAX_ATTEMPTS = 16;

  private final ConversationStore store;
  private final IdGenerator ids;
  private final ConversationDirectory directory;
  private final Announcer announcer;
  private final InstantSource clock;
  private final int maxMembers;

  public GroupAdministration(
      ConversationStore store,
      IdGenerator ids,
      ConversationDirectory directory,
      Announcer announcer,
      InstantSource clock,
      int maxMembers) {
    this.store = store;
    this.ids = ids;
    this.directory = directory;
    this.announcer = announcer;
    this.clock = clock;
    this.maxMembers = maxMembers;
  }

  public Conversation openDirect(UserId user, UserId peer) {
    if (user.equals(peer) || user.isSystem() || peer.isSystem()) {
      throw ChatException.badRequest("a direct conversation is between two different users");
    }
    ConversationId proposed = ConversationId.of(ids.next(1)[0]);
    Conversation conversation = store.openDirect(proposed, user, peer, now());
    directory.refresh(conversation, 0);
    if (conversation.id().equals(proposed)) {
      announce(() -> announcer.created(conversation, conversation.peers()));
    }
    return conversation;
  }

  public Conversation createGroup(UserId owner, String name, Set<UserId> others) {
    Conversation.requireName(name);
    Map<UserId, Role> members = new HashMap<>();
    others.forEach(user -> members.put(requireUser(user), Role.MEMBER));
    members.put(owner, Role.OWNER);
    requireRoom(members.size());
    ConversationId id = ConversationId.of(ids.next(1)[0]);
    Conversation group = store.createGroup(id, name, members, now());
    directory.refresh(group, 0);
    announce(() -> announcer.created(group, members.keySet()));
    return group;
  }

  public void rename(UserId actor, ConversationId group, String name) {
    Conversation.requireName(name);
    change(
        group,
        actor,
        members -> {
          requireAtLeastAdmin(members.role(actor), "rename the group");
          return List.of(new Change(Kind.RENAMED, List.of(), null, name));
        });
  }

  public void add(UserId actor, ConversationId group, Set<UserId> users) {
    requireSome(users);
    change(
        group,
        actor,
        members -> {
          requireAtLeastAdmin(members.role(actor), "add members");
          requireRoom(members.size() + users.size());
          List<UserId> subjects = List.copyOf(new TreeSet<>(users));
          for (UserId user : subjects) {
            if (members.find(requireUser(user)) != null) {
              throw ChatException.conflict("user " + user + " is a member already");
            }
          }
          return List.of(new Change(Kind.ADDED, subjects, Role.MEMBER, null));
        });
  }

  public void remove(UserId actor, ConversationId group, Set<UserId> users) {
    requireSome(users);
    change(
        group,
        actor,
        members -> {
          Role own = members.role(actor);
          requireAtLeastAdmin(own, "remove members");
          List<UserId> subjects = List.copyOf(new TreeSet<>(users));
          for (UserId user : subjects) {
            Role role = members.find(user);
            if (role == null) {
              throw ChatException.conflict("user " + user + " is no member");
            }
            if (user.equals(actor)) {
              throw ChatException.badRequest("to go oneself is to leave, not to remove");
            }
            if (role != Role.MEMBER && own != Role.OWNER) {
              throw ChatException.forbidden(
                  "only the owner may remove an admin, and nobody the owner");
            }
          }
          return List.of(new Change(Kind.REMOVED, subjects, null, null));
        });
  }

  public void leave(UserId user, ConversationId group) {
    change(
        group,
        user,
        members -> {
          if (members.role(user) == Role.OWNER && members.size() > 1) {
            throw ChatException.conflict("the owner hands the group over before leaving");
          }
          return List.of(new Change(Kind.REMOVED, List.of(user), null, null));
        });
  }

  public void setRole(UserId actor, ConversationId group, UserId user, Role role) {
    change(
        group,
        actor,
        members -> {
          if (members.role(actor) != Role.OWNER) {
            throw ChatException.forbidden("only the owner may give roles");
          }
          Role before = members.find(user);
          if (before == null) {
            throw ChatException.conflict("user " + user + " is no member");
          }
          if (user.equals(actor)) {
            throw ChatException.badRequest(
                "the owner hands over by making another member the owner");
          }
          if (before == role) {
            return List.of();
          }
          List<Change> changes = new ArrayList<>();
          if (role == Role.OWNER) {
            changes.add(new Change(Kind.ROLE_SET, List.of(actor), Role.ADMIN, null));
          }
          changes.add(new Change(Kind.ROLE_SET, List.of(user), role, null));
          return changes;
        });
  }

  // ---- deciding and changing

  private interface Rule {
    /** The changes to make; throws what refuses them. */
    List<Change> decide(Roles members);
  }

  private record Roles(ConversationId group, Map<UserId, Role> byUser) {
    @Nullable Role find(UserId user) {
      return byUser.get(user);
    }

    /** The caller's role; who has none may not even learn that the group exists. */
    Role role(UserId user) {
      Role role = byUser.get(user);
      if (role == null) {
        throw Errors.noSuchConversation(group);
      }
      return role;
    }

    int size() {
      return byUser.size();
    }
  }

  private void change(ConversationId group, UserId actor, Rule rule) {
    ConversationDirectory.Entry entry = directory.lookUp(group);
    if (entry == null) {
      throw Errors.noSuchConversation(group);
    }
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      MemberList list = store.members(group).orElseThrow(() -> Errors.noSuchConversation(group));
      Roles roles =
          new Roles(
              group, list.members().stream().collect(Collectors.toMap(Member::user, Member::role)));
      roles.role(actor);
      if (entry.conversation().kind() != ConversationKind.GROUP) {
        throw ChatException.badRequest("conversation " + group + " is direct, not a group");
      }
      List<Change> wanted = rule.decide(roles);
      if (wanted.isEmpty()) {
        return;
      }
      Optional<ConversationStore.Changed> made =
          store.change(group, list.rev(), wanted, actor, now());
      if (made.isPresent()) {
        announce(() -> announcer.changed(made.get().conversation(), made.get().changes()));
        return;
      }
    }
    throw ChatException.busy("the group changes too fast just now", Duration.ofMillis(250));
  }

  /**
   * Shows what is committed. A fault in that does not fail the call: other nodes and the members
   * learn of it from the comparison with the store.
   */
  private static void announce(Runnable announcement) {
    try {
      announcement.run();
    } catch (RuntimeException | Error fault) {
      Threads.outlived(fault);
      log.error("a committed change could not be announced", fault);
    }
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  private static UserId requireUser(UserId user) {
    if (user.isSystem()) {
      throw ChatException.badRequest("the system cannot be a member");
    }
    return user;
  }

  private static void requireSome(Set<UserId> users) {
    if (users.isEmpty()) {
      throw ChatException.badRequest("name at least one user");
    }
  }

  private void requireRoom(int members) {
    if (members > maxMembers) {
      throw ChatException.tooLarge("a group has at most " + maxMembers + " members");
    }
  }

  private static void requireAtLeastAdmin(Role role, String what) {
    if (role == Role.MEMBER) {
      throw ChatException.forbidden("only the owner and admins may " + what);
    }
  }
}
