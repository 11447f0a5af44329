package chat.engine.internal.conversation;

import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.MemberList;
import chat.engine.NewGroup;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.spi.ConversationStore.Change;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the application's wishes mean for a group as it is: the changes that are still to be made,
 * none if all is so already. The same inside and outside of its transactions. Immutable.
 *
 * @param maxMembers of a group
 */
public record ApplicationRules(int maxMembers) {
  /** What the application wants of a group. Made by the methods of {@link ApplicationRules}. */
  @FunctionalInterface
  public interface Wish {
    /** The changes to make; throws what refuses them. */
    List<Change> changes(ConversationId group, Map<UserId, Role> members);

    default GroupChanger.Rule asRule() {
      return roles -> changes(roles.group(), roles.byUser());
    }

    /** The changes to make in a group with these members. */
    default List<Change> changes(Conversation group, MemberList members) {
      GroupChanger.requireGroup(group);
      return changes(group.id(), Roles.of(group.id(), members).byUser());
    }
  }

  public NewGroup requireRoom(NewGroup group) {
    requireRoom(group.members().size());
    return group;
  }

  private void requireRoom(int members) {
    if (members > maxMembers) {
      throw ChatException.tooLarge("a group has at most " + maxMembers + " members");
    }
  }

  public Wish renamed(String name) {
    Conversation.requireName(name);
    return (group, members) -> List.of(Change.renamed(name));
  }

  public Wish attributesSet(@Nullable String attributes) {
    Conversation.requireAttributes(attributes);
    return (group, members) -> List.of(Change.attributesSet(attributes));
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
    return (group, members) -> {
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
    };
  }

  public Wish noMembers(Set<UserId> users) {
    Set<UserId> unwanted = requireUsers(users);
    return (group, members) -> {
      List<UserId> present = unwanted.stream().filter(members::containsKey).toList();
      return present.isEmpty() ? List.of() : List.of(Change.removed(present));
    };
  }

  public Wish roleOf(UserId user, Role role) {
    return (group, members) -> {
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
    };
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
