package chat.engine.internal.presence;

import chat.engine.Presence;
import chat.engine.UserId;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.session.Session;
import chat.engine.internal.session.SessionRegistry;
import chat.engine.internal.session.UserSessions;
import chat.engine.internal.util.Timers;
import chat.engine.spi.BlockStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hides the presence of users from each other of whom one has blocked the other: to a session the
 * other one is offline, and was never seen. Blocks are looked up when a session asks or begins to
 * watch, and again when one is made or ended. Since news of that may be lost between nodes, those
 * who watch here are compared with the store from time to time.
 *
 * <p>Thread-safe; reads the store on the store threads.
 */
public final class HiddenPresence {
  private static final Logger log = LoggerFactory.getLogger(HiddenPresence.class);
  private static final Duration COMPARISON = Duration.ofSeconds(15);
  private static final int USERS_AT_ONCE = 500;

  private final BlockStore store;
  private final StoreThreads reads;
  private final SessionRegistry registry;
  private final PresenceTracker tracker;

  /** Whom a session would watch if there were no block; only sessions for which there is one. */
  private final Map<Session, Set<UserId>> hidden = new ConcurrentHashMap<>();

  public HiddenPresence(
      BlockStore store, StoreThreads reads, SessionRegistry registry, PresenceTracker tracker) {
    this.store = store;
    this.reads = reads;
    this.registry = registry;
    this.tracker = tracker;
  }

  public void start(Timers timers) {
    timers.every(COMPARISON, this::compare);
  }

  // ---- asking and watching

  /** How things stand with users, as one of them may see it. */
  public CompletableFuture<List<Presence>> ask(UserId user, Set<UserId> users) {
    return between(user, users)
        .thenCompose(
            blocked ->
                tracker
                    .ask(without(users, blocked))
                    .thenApply(presences -> with(presences, blocked)));
  }

  /** As {@link PresenceTracker#watch}, for those whom the session's user may see. */
  public CompletableFuture<Void> watch(
      Session session, Set<UserId> users, Consumer<List<Presence>> answer) {
    UserId user = session.user();
    return between(user, users)
        .thenCompose(
            blocked -> {
              hide(session, blocked);
              return tracker.watch(
                  session,
                  without(users, blocked),
                  presences -> answer.accept(with(presences, blocked)));
            })
        .thenCompose(watching -> refresh(user)); // for a block that was made meanwhile
  }

  private CompletableFuture<Set<UserId>> between(UserId user, Set<UserId> users) {
    return reads.submit(() -> store.between(user, users));
  }

  private void hide(Session session, Set<UserId> blocked) {
    if (blocked.isEmpty()) {
      hidden.remove(session);
    } else {
      hidden.put(session, Set.copyOf(blocked));
    }
  }

  private static Set<UserId> without(Set<UserId> users, Set<UserId> blocked) {
    Set<UserId> visible = new HashSet<>(users);
    visible.removeAll(blocked);
    return visible;
  }

  private static List<Presence> with(List<Presence> visible, Set<UserId> blocked) {
    if (blocked.isEmpty()) {
      return visible;
    }
    List<Presence> all = new ArrayList<>(visible);
    blocked.forEach(user -> all.add(new Presence(user, false, null)));
    all.sort(Comparator.comparing(Presence::user));
    return all;
  }

  /** The session is closed. */
  public void forget(Session session) {
    hidden.remove(session);
    tracker.unwatchAll(session);
  }

  // ---- what changes

  /**
   * A block between two users was made or ended.
   *
   * @return completes when the sessions of both on this node see each other as they may
   */
  public CompletableFuture<Void> changed(UserId one, UserId other) {
    return CompletableFuture.allOf(refresh(one), refresh(other));
  }

  private CompletableFuture<Void> refresh(UserId user) {
    UserSessions home = registry.find(user);
    return home == null || !watchesAnybody(home)
        ? CompletableFuture.completedFuture(null)
        : reads.run(() -> refresh(List.of(home)));
  }

  private boolean watchesAnybody(UserSessions home) {
    for (Session session : home.sessions()) {
      if (session.isWatching() || hidden.containsKey(session)) {
        return true;
      }
    }
    return false;
  }

  private void compare() {
    List<UserSessions> page = new ArrayList<>();
    for (UserSessions home : registry.all()) {
      if (watchesAnybody(home)) {
        page.add(home);
      }
      if (page.size() == USERS_AT_ONCE) {
        refreshLater(page);
        page = new ArrayList<>();
      }
    }
    if (!page.isEmpty()) {
      refreshLater(page);
    }
  }

  private void refreshLater(List<UserSessions> homes) {
    reads
        .run(() -> refresh(homes))
        .whenComplete(
            (done, fault) -> {
              if (fault != null) {
                log.debug("blocks could not be compared; the next comparison repeats it", fault);
              }
            });
  }

  private void refresh(List<UserSessions> homes) {
    Map<UserId, UserSessions> byUser = new HashMap<>();
    homes.forEach(home -> byUser.put(home.user(), home));
    Map<UserId, Set<UserId>> blocked = store.between(byUser.keySet());
    for (UserSessions home : homes) {
      Set<UserId> now = blocked.getOrDefault(home.user(), Set.of());
      for (Session session : home.sessions()) {
        refresh(session, now);
      }
    }
  }

  private void refresh(Session session, Set<UserId> blocked) {
    Set<UserId> before = hidden.getOrDefault(session, Set.of());
    if (blocked.isEmpty() && before.isEmpty()) {
      return;
    }
    Set<UserId> seenAgain;
    synchronized (session) { // as whom it watches changes
      Set<UserId> all = new HashSet<>(session.watched());
      all.addAll(before);
      Set<UserId> now = new HashSet<>(all);
      now.retainAll(blocked);
      if (now.equals(before)) {
        return;
      }
      hide(session, now);
      seenAgain = tracker.watchOnly(session, without(all, now));
    }
    tracker.tellOf(session, seenAgain);
  }
}
