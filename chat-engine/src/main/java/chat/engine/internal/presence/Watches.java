package chat.engine.internal.presence;

import chat.engine.UserId;
import chat.engine.internal.cluster.Subscriptions;
import chat.engine.internal.cluster.Topics;
import chat.engine.internal.session.Session;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which sessions of this node watch whom. This node is subscribed to the presence topic of exactly
 * the users who are watched. Thread-safe.
 */
final class Watches {
  private final Subscriptions subscriptions;
  private final Map<UserId, WatchedUser> users = new ConcurrentHashMap<>();

  Watches(Subscriptions subscriptions) {
    this.subscriptions = subscriptions;
  }

  /**
   * Lets a session watch these users in place of those before.
   *
   * @return completes when hints about them reach this node
   */
  CompletableFuture<Void> replace(Session session, Set<UserId> watched) {
    List<CompletableFuture<Void>> subscribed = new ArrayList<>();
    synchronized (session) { // the changes of a session one after the other
      Set<UserId> before = new HashSet<>(session.replaceWatched(watched));
      for (UserId user : watched) {
        if (!before.contains(user)) {
          enter(session, user, subscribed);
        }
      }
      for (UserId user : before) {
        if (!watched.contains(user)) {
          leave(session, user);
        }
      }
      if (session.isClosed()) {
        clear(session); // it closed before all was in place that it had to forget
      }
    }
    subscribed.add(subscriptions.settled()); // others may have asked for a topic just now
    return CompletableFuture.allOf(subscribed.toArray(CompletableFuture[]::new));
  }

  void clear(Session session) {
    synchronized (session) {
      session.replaceWatched(Set.of()).forEach(user -> leave(session, user));
    }
  }

  /**
   * The topic is acquired, and released, while the map holds the user: so nobody's release can come
   * to the queue of subscriptions before the acquire that it belongs to.
   */
  private void enter(Session session, UserId user, List<CompletableFuture<Void>> subscribed) {
    users.compute(
        user,
        (id, found) -> {
          WatchedUser watched = found;
          if (watched == null) {
            watched = new WatchedUser();
            subscribed.add(subscriptions.acquire(List.of(Topics.presence(user))));
          }
          watched.add(session);
          return watched;
        });
  }

  private void leave(Session session, UserId user) {
    users.computeIfPresent(
        user,
        (id, watched) -> {
          if (!watched.remove(session)) {
            return watched;
          }
          subscriptions.release(List.of(Topics.presence(user)));
          return null;
        });
  }

  @Nullable WatchedUser find(UserId user) {
    return users.get(user);
  }

  int size() {
    return users.size();
  }

  /** All users who are watched all the while it is used, and perhaps others. */
  Iterator<UserId> iterator() {
    return users.keySet().iterator();
  }
}
