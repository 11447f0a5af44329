package chat.engine.internal.group;

import chat.engine.ChatException;
import chat.engine.Role;
import chat.engine.spi.SlowMode;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/**
 * Which role may do what in a group: the one table that the engine's rules read. {@code
 * docs/roles.md} shows it to people, and a test holds the two together.
 */
public enum Permission {
  READ("read, mark as read, list members", Role.OWNER, Role.ADMIN, Role.MEMBER),
  WRITE(
      "send, edit own messages, react, type, unless silenced", Role.OWNER, Role.ADMIN, Role.MEMBER),
  SEND_WITHOUT_WAITING("send without waiting in slow mode", exemptFromSlowMode()),
  DELETE_OWN_MESSAGES("delete own messages, even if silenced", Role.values()),
  DELETE_MESSAGES_OF_OTHERS("delete messages of others", Role.OWNER, Role.ADMIN),
  PIN_MESSAGES("pin and unpin messages, unless silenced", Role.OWNER, Role.ADMIN),
  UPDATE_GROUP(
      "change the name, description, picture, attributes, slow mode and history",
      Role.OWNER,
      Role.ADMIN),
  ADD_MEMBERS("add members", Role.OWNER, Role.ADMIN),
  MANAGE_INVITES("create, list and revoke invites", Role.OWNER, Role.ADMIN),
  REMOVE_MEMBERS("remove plain members", Role.OWNER, Role.ADMIN),
  REMOVE_ADMINS("remove admins", Role.OWNER),
  BAN_MEMBERS("ban plain members and users who are no members, unban", Role.OWNER, Role.ADMIN),
  BAN_ADMINS("ban admins", Role.OWNER),
  LIST_BANS("list bans", Role.OWNER, Role.ADMIN),
  SILENCE_MEMBERS("silence plain members", Role.OWNER, Role.ADMIN),
  SILENCE_ADMINS("silence admins", Role.OWNER),
  SET_ROLES("give roles to others, hand the group over", Role.OWNER),
  LEAVE_OTHERS("leave while there are other members", Role.ADMIN, Role.MEMBER);

  private final String label;

  @SuppressWarnings("ImmutableEnumChecker") // a copy that cannot be changed
  private final Set<Role> roles;

  Permission(String label, Role... roles) {
    this.label = label;
    this.roles = Set.copyOf(Arrays.asList(roles));
  }

  private static Role[] exemptFromSlowMode() {
    EnumSet<Role> exempt = EnumSet.allOf(Role.class);
    exempt.removeIf(SlowMode::concerns);
    return exempt.toArray(Role[]::new);
  }

  /** In words, as in the documentation; goes on from "may". */
  public String label() {
    return label;
  }

  public Set<Role> roles() {
    return roles;
  }

  public boolean isOf(Role role) {
    return roles.contains(role);
  }

  /**
   * @param what goes on from "may", in the error
   * @throws ChatException with {@code FORBIDDEN} for another role
   */
  void require(Role role, String what) {
    if (!isOf(role)) {
      String who =
          roles.equals(Set.of(Role.OWNER))
              ? "only the owner may "
              : "only the owner and admins may ";
      throw ChatException.forbidden(who + what);
    }
  }
}
