package chat.engine;

import java.util.List;

/**
 * The members of a conversation as they were after one of its changes. Every change with a higher
 * rev is still to be applied to the list; those up to {@code rev} are in it, even if their events
 * arrive later.
 *
 * @param rev number of the last change of members, roles, name or attributes that the list
 *     contains; 0 for none
 * @param members in the order in which they joined
 */
public record MemberList(long rev, List<Member> members) {
  public MemberList {
    members = List.copyOf(members);
  }

  public List<UserId> users() {
    return members.stream().map(Member::user).toList();
  }
}
