package chat.engine.examples.faultcheck.client;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The conversations of a run, and when each falls silent: from then on nobody writes to it, so that
 * nothing repairs what was lost. Thread-safe.
 */
final class Talks {
  /**
   * @param owner who administers a group, or began a direct conversation
   * @param peer the other one of a direct conversation; empty for a group
   * @param silentAt microseconds since the run began
   */
  record Talk(long id, boolean group, String owner, String peer, long silentAt) {
    /** The other one than this user; empty for a group. */
    String otherThan(String user) {
      return user.equals(owner) ? peer : peer.isEmpty() ? "" : owner;
    }
  }

  /** An invite that somebody made. */
  record Invite(long group, String id, String code) {}

  private final Map<Long, Talk> talks = new ConcurrentHashMap<>();
  private final Set<Long> closing = ConcurrentHashMap.newKeySet();
  private final List<Invite> invites = new CopyOnWriteArrayList<>();
  private final Set<Long> limited = ConcurrentHashMap.newKeySet();
  private final Set<String> mortals;
  private final long activityEnd;
  private final Random random;

  /**
   * @param mortals the users who are erased before the end
   * @param activityEnd when all fall silent, in microseconds since the run began
   */
  Talks(Set<String> mortals, long activityEnd, Random random) {
    this.mortals = mortals;
    this.activityEnd = activityEnd;
    this.random = random;
  }

  /**
   * @param peer as in {@link Talk}
   */
  synchronized void add(long id, boolean group, String owner, String peer, long now) {
    long left = Math.max(1, activityEnd - now);
    long silentAt =
        random.nextInt(4) == 0 ? activityEnd : now + (long) (random.nextDouble() * left);
    talks.putIfAbsent(id, new Talk(id, group, owner, peer, silentAt));
  }

  boolean mayWrite(long id, long now) {
    Talk talk = talks.get(id);
    return talk != null && now < talk.silentAt();
  }

  boolean isGroupOf(long id, String owner) {
    Talk talk = talks.get(id);
    return talk != null && talk.group() && talk.owner().equals(owner);
  }

  /** The other one of a direct conversation; empty if it is none. */
  String peer(long id, String user) {
    Talk talk = talks.get(id);
    return talk == null ? "" : talk.otherThan(user);
  }

  /** Somebody tries to delete it, or blocks the other one; whether that works is not known. */
  void closing(long id) {
    closing.add(id);
  }

  /** All that nobody has tried to delete or to block, without those of users who are erased. */
  List<Talk> lasting() {
    return talks.values().stream()
        .filter(talk -> !closing.contains(talk.id()))
        .filter(talk -> !mortals.contains(talk.owner()) && !mortals.contains(talk.peer()))
        .toList();
  }

  boolean isMortal(String user) {
    return mortals.contains(user);
  }

  /** Its messages are kept for a time only. */
  void limited(long id) {
    limited.add(id);
  }

  /** Those of which messages may be kept for a time only. */
  Set<Long> limited() {
    return limited;
  }

  void add(Invite invite) {
    invites.add(invite);
  }

  /** All that were made, also those that are over. */
  List<Invite> invites() {
    return invites;
  }

  List<Talk> all() {
    return List.copyOf(talks.values());
  }
}
