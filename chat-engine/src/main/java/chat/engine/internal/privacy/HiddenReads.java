package chat.engine.internal.privacy;

import chat.engine.Member;
import chat.engine.MemberList;
import chat.engine.Privacy;
import chat.engine.UserId;
import chat.engine.spi.PrivacyStore;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whose read positions nobody else sees, since they have switched read receipts off. The store is
 * asked each time, after the position was read: what a user reads once the change is committed is
 * shown on no node. Thread-safe; blocks on the store.
 */
public final class HiddenReads {
  private final PrivacyStore store;

  public HiddenReads(PrivacyStore store) {
    this.store = store;
  }

  /** Those of the users who have switched read receipts off. */
  public Set<UserId> among(Collection<UserId> users) {
    Set<UserId> hiding = new HashSet<>();
    store
        .find(users)
        .forEach(
            (user, privacy) -> {
              if (!privacy.readReceipts()) {
                hiding.add(user);
              }
            });
    return hiding;
  }

  /** Members as one of them may see them. */
  public MemberList shownTo(UserId reader, MemberList list) {
    Set<UserId> users = new HashSet<>(list.users());
    users.add(reader);
    Map<UserId, Privacy> settings = store.find(users);
    if (settings.values().stream().allMatch(Privacy::readReceipts)) {
      return list;
    }
    List<Member> members =
        list.members().stream()
            .map(member -> isHidden(reader, member.user(), settings) ? hidden(member) : member)
            .toList();
    return new MemberList(list.rev(), members, list.hasMore());
  }

  private static Member hidden(Member member) {
    return member.withHiddenRead();
  }

  private static boolean isHidden(UserId reader, UserId member, Map<UserId, Privacy> settings) {
    return !member.equals(reader) && !(shows(reader, settings) && shows(member, settings));
  }

  private static boolean shows(UserId user, Map<UserId, Privacy> settings) {
    return settings.getOrDefault(user, Privacy.OPEN).readReceipts();
  }
}
