package chat.engine.internal.membership;

import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.ErrorCode;
import chat.engine.GroupKey;
import chat.engine.NewGroup;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.hook.Membership;
import chat.engine.internal.group.MemberGuard;
import chat.engine.spi.ConversationStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The {@link Membership}s of the application under the prefixes of their keys. Thread-safe.
 *
 * @param byPrefix no prefix begins with another
 */
public record Memberships(Map<String, Membership> byPrefix) {
  public Memberships {
    byPrefix = Map.copyOf(byPrefix);
  }

  public boolean isEmpty() {
    return byPrefix.isEmpty();
  }

  /** Whether one of them says who is in the group of a key of the application. */
  public boolean govern(GroupKey key) {
    return find(key) != null;
  }

  private @Nullable Membership find(GroupKey key) {
    for (Map.Entry<String, Membership> entry : byPrefix.entrySet()) {
      if (key.value().startsWith(entry.getKey())) {
        return entry.getValue();
      }
    }
    return null;
  }

  /**
   * @throws IllegalStateException if there are none
   * @throws ChatException if none of them knows the key
   */
  public void requireGoverned(GroupKey key) {
    if (isEmpty()) {
      throw new IllegalStateException(
          "this engine has no Membership to ask: ChatEngine.builder().membership(...)");
    }
    if (!govern(key)) {
      throw ChatException.badRequest(
          "no Membership names the members of group "
              + key
              + "; there are some for keys that begin with "
              + byPrefix.keySet());
    }
  }

  /** For a group that is to be created: it leaves the members to the {@link Membership}. */
  public void requireNoMembers(GroupKey key, NewGroup group) {
    if (!group.members().isEmpty()) {
      throw ChatException.badRequest(
          "the Membership names the members of group " + key + ": create it without any");
    }
  }

  /** Refuses changes of the members in the groups of these memberships. */
  public MemberGuard guard(Function<ConversationId, Optional<ConversationStore.Key>> keyOf) {
    return group -> {
      if (!isEmpty()
          && keyOf
              .apply(group)
              .filter(key -> key.scope().isSystem() && govern(key.value()))
              .isPresent()) {
        throw ChatException.forbidden(
            "the application itself decides who is a member of conversation " + group);
      }
    };
  }

  /**
   * Asks for the members of a group. Blocks as long as the application does.
   *
   * @throws ChatException if the application fails, refuses, or names no possible members
   */
  public Map<UserId, Role> ask(GroupKey key, @Nullable Connection transaction) {
    Membership membership = find(key);
    if (membership == null) {
      throw new IllegalArgumentException("no Membership for group " + key);
    }
    try {
      return checked(key, membership.members(key, transaction));
    } catch (ChatException refusal) {
      throw refusal;
    } catch (SQLException | RuntimeException fault) {
      throw ChatException.internal("the Membership failed for group " + key, fault);
    }
  }

  @SuppressWarnings({"ConstantValue", "NullAway"}) // what an application without null checks gives
  private static Map<UserId, Role> checked(GroupKey key, @Nullable Map<UserId, Role> answer) {
    if (answer == null) {
      throw impossible(key, "null; it must return an empty map for a group without members");
    }
    Map<UserId, Role> members = new HashMap<>(answer); // the application may change it later
    int owners = 0;
    for (Map.Entry<UserId, Role> member : members.entrySet()) {
      if (member.getKey() == null || member.getValue() == null) {
        throw impossible(key, member.getKey() + " with role " + member.getValue());
      }
      if (member.getKey().isSystem()) {
        throw impossible(key, "the system, which cannot be a member");
      }
      owners += member.getValue() == Role.OWNER ? 1 : 0;
    }
    if (owners > 1) {
      throw impossible(key, owners + " owners; a group has one at most");
    }
    return members;
  }

  private static ChatException impossible(GroupKey key, String what) {
    return ChatException.of(
        ErrorCode.INTERNAL, "the Membership returned for group " + key + ": " + what);
  }
}
