package chat.engine.memory.conversation;

import chat.engine.ConversationChange;
import chat.engine.Member;
import chat.engine.Preferences;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.spi.ConversationStore.Change;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The members of a conversation, in the order of the bytes of their names, and their preferences.
 * Guarded by the store's lock.
 */
final class StoredMembers {
  private NavigableMap<UserId, Member> all = new TreeMap<>(StoredMembers::byBytes);
  private final Map<UserId, Preferences> preferences = new HashMap<>();

  void copyTo(StoredMembers copy) {
    copy.all.putAll(all);
    copy.preferences.putAll(preferences);
  }

  @Nullable Member get(UserId user) {
    return all.get(user);
  }

  boolean has(UserId user) {
    return all.containsKey(user);
  }

  void put(Member member) {
    all.put(member.user(), member);
  }

  Collection<Member> all() {
    return all.values();
  }

  /** The first members behind a user, or of all, up to the limit. */
  List<Member> page(@Nullable UserId after, int limit) {
    return (after == null ? all : all.tailMap(after, false))
        .values().stream().limit(limit).toList();
  }

  /** The first of the mentioned who is no member and was not mentioned before; null if none is. */
  @Nullable UserId stranger(List<UserId> mentioned, List<UserId> before) {
    for (UserId user : mentioned) {
      if (!has(user) && !before.contains(user)) {
        return user;
      }
    }
    return null;
  }

  /** As they are at the last message. */
  Preferences preferences(UserId member, long lastSeq) {
    return preferences.getOrDefault(member, Preferences.NONE).at(lastSeq);
  }

  void setPreferences(UserId member, Preferences now) {
    preferences.put(member, now);
  }

  /**
   * Puts one user in the place of another, who is forgotten.
   *
   * @param keeps whether the member goes on under the new name, unless that is a member already
   * @param rev of the change that says so
   */
  void replace(UserId user, UserId replacement, boolean keeps, long rev) {
    Member member = all.remove(user);
    Preferences own = preferences.remove(user);
    if (keeps && member != null && !has(replacement)) {
      put(member.as(replacement, rev));
      if (own != null) {
        preferences.put(replacement, own);
      }
    }
  }

  /**
   * Makes all changes, or throws and makes none.
   *
   * @param lastSeq of the conversation
   * @param rev of it before the first of the changes
   */
  void change(List<Change> wanted, Instant now, long lastSeq, long rev) {
    NavigableMap<UserId, Member> next = new TreeMap<>(all);
    long ofChange = rev;
    for (Change change : wanted) {
      ofChange++;
      switch (change.kind()) {
        case ADDED -> add(next, change, now, lastSeq, ofChange);
        case REMOVED -> change.subjects().forEach(next::remove);
        case ROLE_SET -> setRole(next, change);
        case SILENCED -> silence(next, change);
        case RENAMED, ATTRIBUTES_SET, UPDATED, BANNED, UNBANNED -> {} // of the conversation
        case DELETED,
            MESSAGE_EDITED,
            MESSAGE_DELETED,
            MESSAGE_REACTED,
            PINNED,
            UNPINNED,
            EXPIRED,
            RETENTION_SET,
            PEER_REPLACED ->
            throw new IllegalArgumentException("made in another way: " + change.kind());
      }
    }
    all = next;
    forgetPreferences(wanted);
  }

  private static void add(
      Map<UserId, Member> next, Change change, Instant now, long lastSeq, long rev) {
    Role role = Objects.requireNonNull(change.role());
    for (UserId user : change.subjects()) {
      Member added = new Member(user, role, now, lastSeq, rev, lastSeq, lastSeq);
      if (next.putIfAbsent(user, added) != null) {
        throw new IllegalArgumentException("user " + user + " is a member already");
      }
    }
  }

  private static void silence(Map<UserId, Member> next, Change change) {
    for (UserId user : change.subjects()) {
      next.computeIfPresent(user, (same, member) -> member.withSilence(change.until()));
    }
  }

  private static void setRole(Map<UserId, Member> next, Change change) {
    Role role = Objects.requireNonNull(change.role());
    for (UserId user : change.subjects()) {
      next.computeIfPresent(user, (same, member) -> member.withRole(role));
    }
  }

  /** They end with the membership, even if another one begins in the same call. */
  private void forgetPreferences(List<Change> made) {
    for (Change change : made) {
      if (change.kind() == ConversationChange.Kind.REMOVED) {
        change.subjects().forEach(preferences::remove);
      }
    }
  }

  /**
   * As the bytes in UTF-8 compare, which is as the code points do. Strings compare by UTF-16, which
   * puts what takes a surrogate pair before U+E000 to U+FFFF.
   */
  static int byBytes(UserId one, UserId other) {
    String a = one.value();
    String b = other.value();
    int differsAt = 0;
    while (differsAt < a.length()
        && differsAt < b.length()
        && a.charAt(differsAt) == b.charAt(differsAt)) {
      differsAt++;
    }
    return differsAt == a.length() || differsAt == b.length()
        ? Integer.compare(a.length(), b.length())
        : Integer.compare(rank(a.charAt(differsAt)), rank(b.charAt(differsAt)));
  }

  private static int rank(char c) {
    return Character.isSurrogate(c) ? c + 0x10000 : c;
  }
}
