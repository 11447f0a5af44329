package chat.engine.internal.presence;

import chat.engine.internal.session.Session;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A user whom sessions of this node watch: which sessions, and what the node believes. Thread-safe.
 */
final class WatchedUser {
  private final Set<Session> watchers = new HashSet<>(2);
  private final Belief belief = new Belief();

  synchronized void add(Session watcher) {
    watchers.add(watcher);
  }

  /**
   * @return whether nobody watches any more
   */
  synchronized boolean remove(Session watcher) {
    watchers.remove(watcher);
    return watchers.isEmpty();
  }

  /** A snapshot. */
  synchronized List<Session> watchers() {
    return List.copyOf(watchers);
  }

  synchronized Belief.State state() {
    return belief.state();
  }

  synchronized void seen(long beganAt) {
    belief.seen(beganAt);
  }

  synchronized void missed(long beganAt, long now, RouterTrust trust) {
    belief.missed(beganAt, now, trust);
  }

  synchronized void unseen() {
    belief.unseen();
  }

  synchronized void leave(long now, Duration grace) {
    belief.leave(now, grace);
  }

  synchronized void lose(long now, Duration grace) {
    belief.lose(now, grace);
  }

  synchronized boolean isPending() {
    return belief.isPending();
  }

  synchronized boolean isDue(long now, RouterTrust trust) {
    return belief.isDue(now, trust);
  }
}
