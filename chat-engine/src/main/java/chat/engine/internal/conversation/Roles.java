package chat.engine.internal.conversation;

import chat.engine.ConversationId;
import chat.engine.Member;
import chat.engine.MemberList;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.internal.runtime.Errors;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The members of a group at some rev, on which a change is decided. */
record Roles(ConversationId group, Map<UserId, Role> byUser) {
  static Roles of(ConversationId group, MemberList list) {
    return new Roles(
        group, list.members().stream().collect(Collectors.toMap(Member::user, Member::role)));
  }

  @Nullable Role find(UserId user) {
    return byUser.get(user);
  }

  /** The role of a user; who has none may not even learn that the group exists. */
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
