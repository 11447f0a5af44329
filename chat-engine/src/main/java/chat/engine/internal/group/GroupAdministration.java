package chat.engine.internal.group;

import chat.engine.Ban;
import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ConversationChange.Kind;
import chat.engine.ConversationId;
import chat.engine.GroupKey;
import chat.engine.GroupUpdate;
import chat.engine.HistoryAccess;
import chat.engine.Member;
import chat.engine.Page;
import chat.engine.PageQuery;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.internal.conversation.Announcer;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.internal.runtime.Errors;
import chat.engine.spi.BlockStore;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.IdGenerator;
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
import org.jspecify.annotations.Nullable;

/**
 * What users may do with conversations: creates them and changes groups, by the rules of {@link
 * Role}. Every method blocks: call it on a store thread. Thread-safe.
 */
public final class GroupAdministration {
  private final ConversationStore store;
  private final BlockStore blocks;
  private final IdGenerator ids;
  private final ConversationDirectory directory;
  private final Announcer announcer;
  private final GroupChanger changer;
  private final InstantSource clock;
  private final int maxMembers;
  private final int maxOwned;

  public GroupAdministration(
      ConversationStore store,
      IdGenerator ids,
      ConversationDirectory directory,
      Announcer announcer,
      InstantSource clock,
      int maxMembers,
      int maxOwned,
      MemberGuard guard,
      BlockStore blocks) {
    this.store = store;
    this.blocks = blocks;
    this.ids = ids;
    this.directory = directory;
    this.announcer = announcer;
    this.changer = new GroupChanger(store, directory, announcer, clock, guard);
    this.clock = clock;
    this.maxMembers = maxMembers;
    this.maxOwned = maxOwned;
  }

  /** Refuses to begin a conversation between users of whom one has blocked the other. */
  public Conversation openDirect(UserId user, UserId peer) {
    requirePair(user, peer);
    ConversationId proposed = ConversationId.of(ids.next(1)[0]);
    Conversation conversation =
        store
            .openDirectUnlessBlocked(proposed, user, peer, now())
            .orElseThrow(() -> Errors.blocked(blocks.hasBlocked(user, peer)));
    return announced(conversation, proposed);
  }

  /** The same for the application, which may begin it all the same; neither can write to it. */
  public Conversation openDirectEvenIfBlocked(UserId one, UserId other) {
    requirePair(one, other);
    ConversationId proposed = ConversationId.of(ids.next(1)[0]);
    return announced(store.openDirect(proposed, one, other, now()), proposed);
  }

  private Conversation announced(Conversation conversation, ConversationId proposed) {
    directory.refresh(conversation, 0);
    if (conversation.id().equals(proposed)) {
      changer.announce(() -> announcer.created(conversation, conversation.peers()));
    }
    return conversation;
  }

  public static void requirePair(UserId one, UserId other) {
    if (one.equals(other) || one.isSystem() || other.isSystem()) {
      throw ChatException.badRequest("a direct conversation is between two different users");
    }
  }

  /**
   * @param key null for a new group in any case
   */
  public Conversation createGroup(
      UserId owner,
      @Nullable GroupKey key,
      String name,
      Set<UserId> others,
      HistoryAccess history) {
    Conversation.requireName(name);
    Map<UserId, Role> members = new HashMap<>();
    others.forEach(user -> members.put(requireUser(user), Role.MEMBER));
    members.put(owner, Role.OWNER);
    requireRoom(members.size());
    if (key != null) {
      Optional<Conversation> existing = store.find(new ConversationStore.Key(owner, key));
      if (existing.isPresent()) {
        return existing.get();
      }
    }
    if (store.ownedGroups(owner) >= maxOwned) {
      throw ChatException.tooLarge("a user can own at most " + maxOwned + " groups");
    }
    Conversation proposed =
        Conversation.group(ConversationId.of(ids.next(1)[0]), name, now()).withHistory(history);
    if (key != null) {
      return changer.ensureGroup(new ConversationStore.Key(owner, key), proposed, members);
    }
    Conversation group = store.createGroup(proposed, members);
    directory.refresh(group, 0);
    changer.announce(() -> announcer.created(group, members.keySet()));
    return group;
  }

  public void rename(UserId actor, ConversationId group, String name) {
    Conversation.requireName(name);
    changer.change(
        group,
        actor,
        view -> {
          Permission.UPDATE_GROUP.require(view.members().role(actor), "rename the group");
          return List.of(Change.renamed(name));
        });
  }

  public void update(UserId actor, ConversationId group, GroupUpdate update) {
    requireSome(update);
    changer.change(
        group,
        actor,
        view -> {
          Permission.UPDATE_GROUP.require(view.members().role(actor), "change the group");
          return changes(view, update);
        });
  }

  static void requireSome(GroupUpdate update) {
    if (update.isEmpty()) {
      throw ChatException.badRequest("name at least one field that is to change");
    }
  }

  /** One change for what is not so already, or none. */
  static List<Change> changes(GroupView group, GroupUpdate update) {
    GroupUpdate news = update.newsFor(group.conversation().get());
    return news.isEmpty() ? List.of() : List.of(Change.updated(news));
  }

  public void ban(UserId actor, ConversationId group, UserId user, @Nullable Instant until) {
    Instant end = Moderation.requireEnd(until);
    requireUser(user);
    changer.changeMembers(
        group,
        actor,
        view -> {
          Moderation.require(
              view.members(), actor, user, Permission.BAN_MEMBERS, Permission.BAN_ADMINS, "ban");
          return Moderation.ban(view, user, end);
        });
  }

  public void unban(UserId actor, ConversationId group, UserId user) {
    changer.changeMembers(
        group,
        actor,
        view -> {
          Permission.BAN_MEMBERS.require(view.members().role(actor), "unban users");
          return Moderation.unban(view, user);
        });
  }

  /** A page of the bans in force, ascending by user. */
  public Page<Ban> bans(UserId actor, ConversationId group, PageQuery<UserId> page) {
    Role role =
        store
            .member(group, actor)
            .map(Member::role)
            .orElseThrow(() -> Errors.noSuchConversation(group));
    ConversationDirectory.Entry entry = directory.lookUp(group);
    if (entry == null) {
      throw Errors.noSuchConversation(group);
    }
    GroupChanger.requireGroup(entry.conversation());
    Permission.LIST_BANS.require(role, "list bans");
    return Page.of(store.bans(group, page.after(), page.limit() + 1, now()), page.limit());
  }

  /**
   * @param until null to end it
   */
  public void silence(UserId actor, ConversationId group, UserId member, @Nullable Instant until) {
    Instant end = Moderation.requireEnd(until);
    changer.change(
        group,
        actor,
        view -> {
          Moderation.require(
              view.members(),
              actor,
              member,
              Permission.SILENCE_MEMBERS,
              Permission.SILENCE_ADMINS,
              "silence");
          return Moderation.silence(view, member, end);
        });
  }

  public void add(UserId actor, ConversationId group, Set<UserId> users) {
    requireSome(users);
    changer.changeMembers(
        group,
        actor,
        view -> {
          Roles members = view.members();
          Permission.ADD_MEMBERS.require(members.role(actor), "add members");
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
    changer.changeMembers(
        group,
        actor,
        view -> {
          Roles members = view.members();
          Role own = members.role(actor);
          Permission.REMOVE_MEMBERS.require(own, "remove members");
          List<UserId> subjects = List.copyOf(new TreeSet<>(users));
          for (UserId user : subjects) {
            Role role = members.find(user);
            if (role == null) {
              throw ChatException.conflict("user " + user + " is no member");
            }
            if (user.equals(actor)) {
              throw ChatException.badRequest("to go oneself is to leave, not to remove");
            }
            if (role == Role.OWNER || (role == Role.ADMIN && !Permission.REMOVE_ADMINS.isOf(own))) {
              throw ChatException.forbidden(
                  "only the owner may remove an admin, and nobody the owner");
            }
          }
          return List.of(new Change(Kind.REMOVED, subjects, null, null));
        });
  }

  public void leave(UserId user, ConversationId group) {
    changer.changeMembers(
        group,
        user,
        view -> {
          Roles members = view.members();
          if (members.size() > 1 && !Permission.LEAVE_OTHERS.isOf(members.role(user))) {
            throw ChatException.conflict("the owner hands the group over before leaving");
          }
          return List.of(new Change(Kind.REMOVED, List.of(user), null, null));
        });
  }

  public void setRole(UserId actor, ConversationId group, UserId user, Role role) {
    changer.changeMembers(
        group,
        actor,
        view -> {
          Roles members = view.members();
          Permission.SET_ROLES.require(members.role(actor), "give roles");
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
          if (role == Role.OWNER) { // whom nobody could free then
            changes.addAll(Moderation.silence(view, user, null));
          }
          return changes;
        });
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
}
