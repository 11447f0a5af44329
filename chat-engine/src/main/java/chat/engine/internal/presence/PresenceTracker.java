package chat.engine.internal.presence;

import chat.engine.Presence;
import chat.engine.UserId;
import chat.engine.event.PresenceChanged;
import chat.engine.internal.cluster.Envelope;
import chat.engine.internal.cluster.Publisher;
import chat.engine.internal.cluster.Subscriptions;
import chat.engine.internal.cluster.Topics;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.session.Session;
import chat.engine.internal.session.SessionContext;
import chat.engine.internal.session.SessionRegistry;
import chat.engine.internal.session.SharedEvent;
import chat.engine.internal.util.Timers;
import chat.engine.spi.LastSeenStore;
import chat.engine.spi.Router;
import chat.engine.spi.RouterUnavailableException;
import chat.engine.spi.Topic;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is online, for those who watch. The routing table already knows: a user is online if some
 * live node has the user's topic, and a node that dies takes its users with it. So what nodes send
 * each other is only "look again at these users"; watchers then ask the router, and tell their
 * sessions what is different from what they said last. Hints are collected for {@link #TICK}, so
 * that a thousand users who come back together are one look, not a thousand.
 *
 * <p>Thread-safe; asks the router and the store on the store threads.
 */
public final class PresenceTracker {
  private static final Logger log = LoggerFactory.getLogger(PresenceTracker.class);
  static final Duration TICK = Duration.ofMillis(200);
  private static final int PAGE = 1000;

  private static final class Watch {
    /** Guarded by the watch. */
    private final Set<Session> sessions = new HashSet<>(2);

    private @Nullable Boolean lastTold;
  }

  private final Router router;
  private final LastSeenStore lastSeen;
  private final SessionRegistry registry;
  private final Subscriptions subscriptions;
  private final Publisher publisher;
  private final StoreThreads reads;
  private final Timers timers;
  private final SessionContext context;
  private final InstantSource clock;
  private final Map<UserId, Watch> watches = new ConcurrentHashMap<>();

  /** Users to look at again. */
  private final Set<UserId> suspects = ConcurrentHashMap.newKeySet();

  /** Users whose presence other nodes should look at again. */
  private final Set<UserId> news = ConcurrentHashMap.newKeySet();

  private final Map<UserId, Instant> seen = new ConcurrentHashMap<>();
  private final AtomicBoolean looking = new AtomicBoolean();

  public PresenceTracker(
      Router router,
      LastSeenStore lastSeen,
      SessionRegistry registry,
      Subscriptions subscriptions,
      Publisher publisher,
      StoreThreads reads,
      Timers timers,
      SessionContext context,
      InstantSource clock) {
    this.router = router;
    this.lastSeen = lastSeen;
    this.registry = registry;
    this.subscriptions = subscriptions;
    this.publisher = publisher;
    this.reads = reads;
    this.timers = timers;
    this.context = context;
    this.clock = clock;
  }

  public void start() {
    timers.every(TICK, this::tick);
  }

  /** A user came to this node who was not here before. */
  public void arrived(UserId user) {
    news.add(user);
  }

  /**
   * Users left this node and did not come back within the grace; their topics have been released.
   */
  public void departed(Collection<UserId> users) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    users.forEach(user -> seen.put(user, now));
    news.addAll(users);
  }

  /** Another node asks to look at these users. */
  public void suspect(Collection<UserId> users, Duration delay) {
    List<UserId> watchedHere = users.stream().filter(watches::containsKey).toList();
    if (!watchedHere.isEmpty()) {
      timers.later(delay, () -> suspects.addAll(watchedHere));
    }
  }

  /** Anything may have changed. */
  public void suspectAll() {
    suspects.addAll(watches.keySet());
  }

  /** A node died; this one speaks for its users. */
  public void nodeDied(Collection<UserId> users, Duration grace) {
    departed(users.stream().filter(user -> registry.find(user) == null).toList());
    publishHints(users, grace);
    suspect(users, grace);
  }

  /** This node leaves: when the grace is over, whoever has not come back elsewhere is offline. */
  public void leaving(Duration grace) {
    publishHints(registry.users(), grace);
    try {
      lastSeen.record(stamp(registry.users()));
    } catch (RuntimeException away) {
      log.warn("when the users of this node were last seen is not recorded: {}", away.toString());
    }
  }

  private Map<UserId, Instant> stamp(Collection<UserId> users) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    Map<UserId, Instant> stamped = new HashMap<>();
    users.forEach(user -> stamped.put(user, now));
    return stamped;
  }

  // ---- watching

  public CompletableFuture<List<Presence>> watch(Session session, Set<UserId> users) {
    List<CompletableFuture<Void>> subscribed = new ArrayList<>();
    synchronized (session) { // the changes of a session one after the other
      Set<UserId> before = session.replaceWatched(users);
      for (UserId user : users) {
        if (!before.contains(user)) {
          enter(session, user, subscribed);
        }
      }
      for (UserId user : before) {
        if (!users.contains(user)) {
          leave(session, user);
        }
      }
      if (session.isClosed()) {
        unwatchAll(session); // it closed before all was in place that it had to forget
      }
    }
    subscribed.add(subscriptions.settled()); // others may have asked for a topic just now
    return CompletableFuture.allOf(subscribed.toArray(CompletableFuture[]::new))
        .thenCompose(done -> reads.submit(() -> look(users)))
        .thenApply(
            presences -> {
              presences.forEach(presence -> remember(presence));
              return presences;
            });
  }

  public void unwatchAll(Session session) {
    synchronized (session) {
      session.replaceWatched(Set.of()).forEach(user -> leave(session, user));
    }
  }

  /**
   * The topic is acquired, and released, while the map holds the user: so nobody's release can come
   * to the queue of subscriptions before the acquire that it belongs to.
   */
  private void enter(Session session, UserId user, List<CompletableFuture<Void>> subscribed) {
    watches.compute(
        user,
        (id, found) -> {
          Watch watch = found;
          if (watch == null) {
            watch = new Watch();
            subscribed.add(subscriptions.acquire(List.of(Topics.presence(user))));
          }
          synchronized (watch) {
            watch.sessions.add(session);
          }
          return watch;
        });
  }

  private void leave(Session session, UserId user) {
    watches.computeIfPresent(
        user,
        (id, watch) -> {
          synchronized (watch) {
            watch.sessions.remove(session);
            if (!watch.sessions.isEmpty()) {
              return watch;
            }
          }
          subscriptions.release(List.of(Topics.presence(user)));
          return null;
        });
  }

  private void remember(Presence presence) {
    Watch watch = watches.get(presence.user());
    if (watch != null) {
      synchronized (watch) {
        if (watch.lastTold == null) {
          watch.lastTold = presence.online();
        }
      }
    }
  }

  /** How things stand; blocks. */
  public List<Presence> look(Set<UserId> users) {
    Set<UserId> online = online(users);
    List<UserId> offline = users.stream().filter(user -> !online.contains(user)).toList();
    Map<UserId, Instant> times = offline.isEmpty() ? Map.of() : lastSeen.find(offline);
    return users.stream()
        .sorted()
        .map(user -> new Presence(user, online.contains(user), times.get(user)))
        .toList();
  }

  /** Those who have a session on some node; while the router is away, on this node. Blocks. */
  public Set<UserId> online(Collection<UserId> users) {
    Set<UserId> online = new HashSet<>();
    List<Topic> elsewhere = new ArrayList<>();
    for (UserId user : users) {
      if (registry.find(user) != null) {
        online.add(user);
      } else {
        elsewhere.add(Topics.user(user));
      }
    }
    for (int start = 0; start < elsewhere.size(); start += PAGE) {
      try {
        router
            .subscribed(elsewhere.subList(start, Math.min(start + PAGE, elsewhere.size())))
            .forEach(topic -> online.add(Topics.userOf(topic)));
      } catch (RouterUnavailableException alone) {
        return online;
      }
    }
    return online;
  }

  // ---- the tick

  private void tick() {
    publishNews();
    if (!suspects.isEmpty() && looking.compareAndSet(false, true)) {
      Set<UserId> now = take(suspects);
      reads
          .submit(() -> look(now))
          .whenComplete(
              (presences, fault) -> {
                looking.set(false);
                if (fault == null) {
                  presences.forEach(this::tell);
                } else {
                  suspects.addAll(now);
                }
              });
    }
    if (!seen.isEmpty()) {
      Map<UserId, Instant> times = new HashMap<>(seen);
      times.forEach(seen::remove);
      reads
          .submit(
              () -> {
                lastSeen.record(times);
                return times;
              })
          .whenComplete(
              (done, fault) -> {
                if (fault != null) {
                  times.forEach(seen::putIfAbsent);
                }
              });
    }
  }

  private void publishNews() {
    if (news.isEmpty()) {
      return;
    }
    Set<UserId> users = take(news);
    publishHints(users, Duration.ZERO);
    suspect(users, Duration.ZERO);
  }

  private void publishHints(Collection<UserId> users, Duration delay) {
    List<UserId> page = new ArrayList<>();
    for (UserId user : users) {
      page.add(user);
      if (page.size() == PAGE) {
        publishHint(page, delay);
        page = new ArrayList<>();
      }
    }
    if (!page.isEmpty()) {
      publishHint(page, delay);
    }
  }

  private void publishHint(List<UserId> users, Duration delay) {
    publisher.publishEphemeral(
        users.stream().map(Topics::presence).toList(),
        new Envelope.PresenceHint(users, delay.toMillis()));
  }

  private static Set<UserId> take(Set<UserId> from) {
    Set<UserId> taken = new HashSet<>(from);
    from.removeAll(taken);
    return taken;
  }

  private void tell(Presence presence) {
    Watch watch = watches.get(presence.user());
    if (watch == null) {
      return;
    }
    List<Session> watchers;
    synchronized (watch) {
      if (watch.lastTold != null && watch.lastTold == presence.online()) {
        return;
      }
      watch.lastTold = presence.online();
      watchers = List.copyOf(watch.sessions);
    }
    SharedEvent outgoing = context.outgoing(new PresenceChanged(presence));
    watchers.forEach(session -> session.offer(outgoing));
  }
}
