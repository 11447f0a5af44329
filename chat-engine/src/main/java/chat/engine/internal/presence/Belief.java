package chat.engine.internal.presence;

import java.time.Duration;

/**
 * What this node believes of one user, and the rule by which looks change it. Who is seen is online
 * at once. Who was online and is missing is offline only if
 *
 * <ul>
 *   <li>the user's node said that the user left it, or a second look, {@link #CONFIRMATION} after
 *       the first, finds the user missing still, and no look between could not be made;
 *   <li>the grace is over, if the user's node died or leaves the cluster;
 *   <li>the router is healthy, and has been steady for the time of a lease, or the user has been
 *       missing for {@link #PATIENCE}: doubts that never cease must not keep anybody online.
 * </ul>
 *
 * <p>Not thread-safe; guarded by its {@link WatchedUser}. Times are nanoseconds since the start of
 * the engine.
 */
final class Belief {
  enum State {
    /** No look has succeeded, or only such that prove nothing. */
    UNKNOWN,
    ONLINE,
    OFFLINE
  }

  static final Duration CONFIRMATION = RouterTrust.LEASE;
  static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final long NEVER = Long.MIN_VALUE;

  private State state = State.UNKNOWN;

  /** When a look first found the user missing; {@link #NEVER} if the last one did not. */
  private long missingSince = NEVER;

  /** The user's node said that the user left it. */
  private boolean left;

  /** Until when the user may come back unnoticed; {@link #NEVER} if there is no such time. */
  private long graceEnds = NEVER;

  State state() {
    return state;
  }

  /** The user's node said, or will have said when the grace is over, that the user left. */
  void leave(long now, Duration grace) {
    left = true;
    allowGrace(now, grace);
  }

  /** The user's node died. */
  void lose(long now, Duration grace) {
    allowGrace(now, grace);
  }

  private void allowGrace(long now, Duration grace) {
    graceEnds = Math.max(graceEnds, now + grace.toNanos());
  }

  /** A look that began at that time found the user on some node. */
  void seen(long beganAt) {
    state = State.ONLINE;
    missingSince = NEVER;
    if (beganAt >= graceEnds) {
      left = false;
      graceEnds = NEVER;
    }
  }

  /**
   * A look found the user on no node.
   *
   * @param beganAt when the look began; from it follows only what was so by then
   */
  void missed(long beganAt, long now, RouterTrust trust) {
    if (state == State.ONLINE) {
      if (missingSince == NEVER) {
        missingSince = now;
      }
      if (!isGone(beganAt, trust)) {
        return;
      }
    } else if (state == State.UNKNOWN && !trust.isSteady(beganAt)) {
      return;
    }
    state = State.OFFLINE;
    missingSince = NEVER;
    left = false;
    graceEnds = NEVER;
  }

  /** A look could not be made. */
  void unseen() {
    missingSince = NEVER;
  }

  private boolean isGone(long now, RouterTrust trust) {
    return trust.isHealthy() && now >= verdictAt(trust);
  }

  /** When the user counts as offline, if nothing else happens. */
  private long verdictAt(RouterTrust trust) {
    long confirmed = left ? NEVER : missingSince + CONFIRMATION.toNanos();
    long steady = Math.min(trust.steadyFrom(), missingSince + PATIENCE.toNanos());
    return Math.max(Math.max(confirmed, steady), graceEnds);
  }

  /** Whether something is under way that a look must settle. */
  boolean isPending() {
    return state == State.ONLINE && (missingSince != NEVER || graceEnds != NEVER);
  }

  /** Whether it is time for that look. */
  boolean isDue(long now, RouterTrust trust) {
    if (!isPending() || !trust.isHealthy()) {
      return false;
    }
    return missingSince == NEVER ? now >= graceEnds : isGone(now, trust);
  }
}
