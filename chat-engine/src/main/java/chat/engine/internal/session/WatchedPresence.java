package chat.engine.internal.session;

import chat.engine.UserId;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whom one session watches, and what it was told of each: a sorted array of users and a byte for
 * each, because there can be many sessions. Not thread-safe; guarded by its session.
 */
final class WatchedPresence {
  /** The answer that tells it is under way. */
  private static final byte UNANSWERED = 0;

  /** The next answer has to be told, also if it is the same. */
  private static final byte UNTOLD = 1;

  private static final byte OFFLINE = 2;
  private static final byte ONLINE = 3;

  private final UserId[] users;
  private final byte[] told;

  /**
   * @param before what was told of those who are watched on still holds
   */
  WatchedPresence(Set<UserId> watched, @Nullable WatchedPresence before) {
    users = watched.toArray(new UserId[0]);
    Arrays.sort(users);
    told = new byte[users.length];
    if (before != null) {
      for (int i = 0; i < users.length; i++) {
        int at = before.indexOf(users[i]);
        told[i] = at < 0 ? UNANSWERED : before.told[at];
      }
    }
  }

  private int indexOf(UserId user) {
    return Arrays.binarySearch(users, user);
  }

  List<UserId> users() {
    return Collections.unmodifiableList(Arrays.asList(users));
  }

  /** Whether the user is watched, and something else or nothing was told. */
  boolean needs(UserId user, boolean online) {
    int at = indexOf(user);
    return at >= 0 && told[at] != UNANSWERED && told[at] != valueOf(online);
  }

  void tell(UserId user, boolean online) {
    int at = indexOf(user);
    if (at >= 0) {
      told[at] = valueOf(online);
    }
  }

  /**
   * Notes what an answer tells. If an event told something else before, an event has to tell this,
   * too: who listens to events only must not be left with the old.
   */
  void answer(UserId user, boolean online) {
    int at = indexOf(user);
    if (at >= 0 && told[at] != valueOf(online)) {
      told[at] = told[at] == UNANSWERED ? valueOf(online) : UNTOLD;
    }
  }

  /** The answer that was to tell it has failed. */
  void fail(UserId user) {
    int at = indexOf(user);
    if (at >= 0 && told[at] == UNANSWERED) {
      told[at] = UNTOLD;
    }
  }

  /** What was told last has been dropped on the way. */
  void forget(UserId user) {
    int at = indexOf(user);
    if (at >= 0 && told[at] != UNANSWERED) {
      told[at] = UNTOLD;
    }
  }

  private static byte valueOf(boolean online) {
    return online ? ONLINE : OFFLINE;
  }
}
