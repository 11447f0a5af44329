package chat.engine.internal.group;

import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.GroupUpdate;
import chat.engine.MemberList;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.spi.ConversationStore.Change;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What the application's wishes mean for a group as it is: the changes that are still to be made,
 * none if all is so already. The same inside and outside of its transactions. Immutable.
 *
 * @param maxMembers of a group
 */
public record ApplicationRules(int maxMembers) {
  /**
   * What the application wants of a group. Made by the methods of {@link ApplicationRules}.
   *
   * @param ofMembers whether it concerns who is a member, and as what
   */
  public record Wish(boolean ofMembers, Decision decision) {
    GroupChanger.Rule asRule() {
      return decision::changes;
    }

    /**
     * The changes to make in a group with these members; throws what refuses them.
     *
     * @param bans in force at the time of the change
     */
    public List<Change> changes(
        Conversation group, MemberList members, GroupView.BanLookup bans, Instant now) {
      GroupChanger.requireGroup(group);
      GroupView view = new GroupView(Roles.of(group.id(), members), () -> group, bans, now);
      List<Change> changes = decision.changes(view);
      view.requireNoneBanned(changes);
      return changes;
    }

    /**
     * The same as the wish of a user, who must have a permission.
     *
     * @param what goes on from "may", in the error
     */
    public Wish by(UserId actor, Permission permission, String what) {
      return new Wish(
          ofMembers,
          group -> {
            permission.require(group.members().role(actor), what);
            return decision.changes(group);
          });
    }

    private static Wish ofMembers(MemberDecision decision) {
      return new Wish(true, group -> decision.changes(group.members().byUser()));
    }

    private static Wish ofGroup(Change change) {
      return new Wish(false, group -> List.of(change));
    }
  }

  /** What is still to be changed in a group; throws what refuses that. */
  @FunctionalInterface
  public interface Decision {
    List<Change> changes(GroupView group);
  }

  /** What is still to be changed in a group with some members. */
  private interface MemberDecision {
    List<Change> changes(Map<UserId, Role> members);
  }

  public void requireRoom(int members) {
    if (members > maxMembers) {
      throw ChatException.tooLarge("a group has at most " + maxMembers + " members");
    }
  }

  public Wish renamed(String name) {
    Conversation.requireName(name);
    return Wish.ofGroup(Change.renamed(name));
  }

  public Wish attributesSet(@Nullable String attributes) {
    Conversation.requireAttributes(attributes);
    return Wish.ofGroup(Change.attributesSet(attributes));
  }

  public Wish updated(GroupUpdate update) {
    GroupAdministration.requireSome(update);
    return new Wish(false, group -> GroupAdministration.changes(group, update));
  }

  /**
   * @param until null for always
   */
  public Wish banned(UserId user, @Nullable Instant until) {
    requireUsers(Set.of(user));
    Instant end = Moderation.requireEnd(until);
    return new Wish(true, group -> Moderation.ban(group, user, end));
  }

  public Wish unbanned(UserId user) {
    return new Wish(true, group -> Moderation.unban(group, user));
  }

  /**
   * @param until null to end it
   */
  public Wish silenced(UserId member, @Nullable Instant until) {
    Instant end = Moderation.requireEnd(until);
    return new Wish(false, group -> Moderation.silence(group, member, end));
  }

  /**
   * @param role that all of them have then; null to add those who are no members, and leave the
   *     others as they are
   */
  public Wish members(Set<UserId> users, @Nullable Role role) {
    Set<UserId> wanted = requireUsers(users);
    if (role == Role.OWNER && wanted.size() > 1) {
      throw ChatException.badRequest("a group has one owner at most, not " + wanted.size());
    }
    return Wish.ofMembers(members -> missingOrOtherwise(wanted, role, members));
  }

  private List<Change> missingOrOtherwise(
      Set<UserId> wanted, @Nullable Role role, Map<UserId, Role> members) {
    List<UserId> missing = wanted.stream().filter(user -> !members.containsKey(user)).toList();
    List<UserId> otherwise =
        wanted.stream()
            .filter(user -> role != null && members.containsKey(user))
            .filter(user -> members.get(user) != role)
            .toList();
    List<Change> changes = new ArrayList<>();
    if (role == Role.OWNER && !(missing.isEmpty() && otherwise.isEmpty())) {
      replaceOwner(members, changes);
    }
    if (!missing.isEmpty()) {
      requireRoom(members.size() + missing.size());
      changes.add(Change.added(missing, role == null ? Role.MEMBER : role));
    }
    if (role != null && !otherwise.isEmpty()) {
      changes.add(Change.roleSet(otherwise, role));
    }
    return changes;
  }

  public Wish noMembers(Set<UserId> users) {
    Set<UserId> unwanted = requireUsers(users);
    return Wish.ofMembers(
        members -> {
          List<UserId> present = unwanted.stream().filter(members::containsKey).toList();
          return present.isEmpty() ? List.of() : List.of(Change.removed(present));
        });
  }

  public Wish roleOf(UserId user, Role role) {
    return Wish.ofMembers(members -> roleOf(user, role, members));
  }

  private static List<Change> roleOf(UserId user, Role role, Map<UserId, Role> members) {
    Role before = members.get(user);
    if (before == null) {
      throw ChatException.conflict("user " + user + " is no member");
    }
    List<Change> changes = new ArrayList<>();
    if (before != role) {
      if (role == Role.OWNER) {
        replaceOwner(members, changes);
      }
      changes.add(Change.roleSet(List.of(user), role));
    }
    return changes;
  }

  /**
   * These members and no others, with these roles: one change for those who go, and one for each
   * role that others get. An owner goes, or becomes something else, before another one comes.
   */
  public Wish exactly(Map<UserId, Role> wanted) {
    requireRoom(wanted.size());
    return Wish.ofMembers(
        members -> {
          List<Change> changes = new ArrayList<>();
          List<UserId> gone = usersOf(members, (user, role) -> !wanted.containsKey(user));
          if (!gone.isEmpty()) {
            changes.add(Change.removed(gone));
          }
          for (Role given : List.of(Role.MEMBER, Role.ADMIN, Role.OWNER)) {
            List<UserId> otherwise =
                usersOf(
                    wanted,
                    (user, role) ->
                        role == given && members.containsKey(user) && members.get(user) != role);
            if (!otherwise.isEmpty()) {
              changes.add(Change.roleSet(otherwise, given));
            }
          }
          for (Role given : List.of(Role.MEMBER, Role.ADMIN, Role.OWNER)) {
            List<UserId> missing =
                usersOf(wanted, (user, role) -> role == given && !members.containsKey(user));
            if (!missing.isEmpty()) {
              changes.add(Change.added(missing, given));
            }
          }
          return changes;
        });
  }

  private static List<UserId> usersOf(Map<UserId, Role> members, BiPredicate<UserId, Role> which) {
    return members.entrySet().stream()
        .filter(member -> which.test(member.getKey(), member.getValue()))
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
  }

  private static void replaceOwner(Map<UserId, Role> members, List<Change> changes) {
    members.forEach(
        (user, role) -> {
          if (role == Role.OWNER) {
            changes.add(Change.roleSet(List.of(user), Role.ADMIN));
          }
        });
  }

  private static Set<UserId> requireUsers(Set<UserId> users) {
    if (users.isEmpty()) {
      throw ChatException.badRequest("name at least one user");
    }
    if (users.contains(UserId.SYSTEM)) {
      throw ChatException.badRequest("the system cannot be a member");
    }
    return new TreeSet<>(users);
  }
}
