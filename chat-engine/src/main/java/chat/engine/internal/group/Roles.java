package chat.engine.internal.group;

import chat.engine.ConversationId;
import chat.engine.Member;
import chat.engine.MemberList;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.internal.runtime.Errors;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The members of a group at some rev, on which a change is decided. Which role may do what is in
 * {@link Permission}.
 *
 * @param silences until when those are silenced, or were, who ever were
 */
public record Roles(ConversationId group, Map<UserId, Role> byUser, Map<UserId, Instant> silences) {
  static Roles of(ConversationId group, MemberList list) {
    Map<UserId, Instant> silences = new HashMap<>(0);
    for (Member member : list.members()) {
      if (member.silencedUntil() != null) {
        silences.put(member.user(), member.silencedUntil());
      }
    }
    return new Roles(
        group,
        list.members().stream().collect(Collectors.toMap(Member::user, Member::role)),
        silences);
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

  /** Until when a member is silenced, which may be over; null for one who never was. */
  @Nullable Instant silencedUntil(UserId member) {
    return silences.get(member);
  }

  int size() {
    return byUser.size();
  }
}
