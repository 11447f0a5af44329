package chat.engine;

import java.util.List;

/**
 * Members of a conversation as they were after one of its changes: all of them, or a page. Apply
 * every change with a higher rev to the list; those up to {@code rev} are in it, even if their
 * events arrive later.
 *
 * <p>Pages are read one after another, so a later page may contain more changes than the first. To
 * have a list that is right in the end, put the pages together and apply, in order, every change
 * with a higher rev than that of the <em>first</em> page; a change that a page contains already
 * changes nothing.
 *
 * @param rev number of the last change of members, roles, name or attributes that the list
 *     contains; 0 for none
 * @param members ascending by user id, compared byte by byte in UTF-8
 * @param hasMore whether there are more members behind the last one
 */
public record MemberList(long rev, List<Member> members, boolean hasMore) {
  public MemberList {
    members = List.copyOf(members);
  }

  /** All members. */
  public MemberList(long rev, List<Member> members) {
    this(rev, members, false);
  }

  public List<UserId> users() {
    return members.stream().map(Member::user).toList();
  }
}
