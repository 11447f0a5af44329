package chat.engine.protocol;

import chat.engine.ChatException;
import chat.engine.Role;

/** Roles by their names in requests. Stateless. */
public final class Roles {
  private Roles() {}

  /**
   * @throws ChatException with {@code BAD_REQUEST} for another name
   */
  public static Role named(String name) {
    return switch (name) {
      case "owner" -> Role.OWNER;
      case "admin" -> Role.ADMIN;
      case "member" -> Role.MEMBER;
      default -> throw ChatException.badRequest("role must be owner, admin or member");
    };
  }
}
