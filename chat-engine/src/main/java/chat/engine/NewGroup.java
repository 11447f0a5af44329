package chat.engine;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A group as the application creates it, see {@link ChatApplication#ensureGroup}. It may have no
 * owner, and no members at all. Immutable; the {@code with} methods return a changed copy.
 *
 * @param name see {@link Conversation#requireName}
 * @param members with their roles; one of them may be the owner
 * @param attributes see {@link Conversation#attributes}; null for none
 * @param history what members may read of the time before they joined
 */
public record NewGroup(
    String name, Map<UserId, Role> members, @Nullable String attributes, HistoryAccess history) {
  /**
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST} or {@link ErrorCode#TOO_LARGE} for
   *     what can never be a group
   */
  public NewGroup {
    members = Map.copyOf(members);
    Conversation.requireName(name);
    Conversation.requireAttributes(attributes);
    if (members.containsKey(UserId.SYSTEM)) {
      throw ChatException.badRequest("the system cannot be a member");
    }
    if (members.values().stream().filter(role -> role == Role.OWNER).count() > 1) {
      throw ChatException.badRequest("a group has one owner at most");
    }
  }

  /** A group without members. */
  public static NewGroup named(String name) {
    return new NewGroup(name, Map.of(), null, HistoryAccess.ALL);
  }

  public NewGroup withMember(UserId user, Role role) {
    Map<UserId, Role> more = new HashMap<>(members);
    more.put(user, role);
    return new NewGroup(name, more, attributes, history);
  }

  /** Adds them as {@link Role#MEMBER}, whatever role they had. */
  public NewGroup withMembers(Collection<UserId> users) {
    Map<UserId, Role> more = new HashMap<>(members);
    users.forEach(user -> more.put(user, Role.MEMBER));
    return new NewGroup(name, more, attributes, history);
  }

  public NewGroup withAttributes(String opaque) {
    return new NewGroup(name, members, opaque, history);
  }

  public NewGroup withHistory(HistoryAccess access) {
    return new NewGroup(name, members, attributes, access);
  }
}
