package chat.engine.internal.presence;

import chat.engine.Presence;
import chat.engine.UserId;
import chat.engine.event.PresenceChanged;
import chat.engine.internal.cluster.Envelope.PresenceHint;
import chat.engine.internal.cluster.Publisher;
import chat.engine.internal.cluster.Subscriptions;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.session.Session;
import chat.engine.internal.session.SessionContext;
import chat.engine.internal.session.SessionRegistry;
import chat.engine.internal.util.Timers;
import chat.engine.spi.LastSeenStore;
import chat.engine.spi.Router;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Who is online, for those who watch. A user is online if some live node has the user's topic, so
 * the router's table is the truth, and a node that dies takes its users with it. This node looks at
 * everybody who is watched here again and again ({@link Lookout}), forms a {@link Belief} of each,
 * and tells the sessions that were told something else. Hints of other nodes, doubts and deaths of
 * nodes only make a look come sooner.
 *
 * <p>Thread-safe. The router is asked on the thread of {@link PresenceLooks}, the store on the
 * store threads; the tick does neither.
 */
public final class PresenceTracker implements AutoCloseable {
  static final Duration TICK = Duration.ofMillis(200);
  private static final Duration LEAVING = Duration.ofSeconds(2);

  private final Router router;
  private final SessionRegistry registry;
  private final Subscriptions subscriptions;
  private final LongSupplier nanoTime;
  private final long startNanos;

  private final RouterTrust trust = new RouterTrust();
  private final Watches watches;
  private final PresenceProbe probe;
  private final PresenceLooks looks;
  private final PresenceHints hints;
  private final LastSeenTimes lastSeen;

  private final Lookout lookout;
  private final SessionContext context;

  /**
   * @param nanoTime the clock that nobody sets
   */
  public PresenceTracker(
      Router router,
      LastSeenStore lastSeenStore,
      SessionRegistry registry,
      Subscriptions subscriptions,
      Publisher publisher,
      StoreThreads reads,
      SessionContext context,
      InstantSource clock,
      LongSupplier nanoTime) {
    this.router = router;
    this.registry = registry;
    this.subscriptions = subscriptions;
    this.context = context;
    this.nanoTime = nanoTime;
    this.startNanos = nanoTime.getAsLong();
    this.watches = new Watches(subscriptions);
    this.probe = new PresenceProbe(router, registry, this::now);
    this.looks = new PresenceLooks(probe);
    this.hints = new PresenceHints(publisher);
    this.lastSeen = new LastSeenTimes(lastSeenStore, reads, clock);
    this.lookout =
        new Lookout(
            watches,
            new WatchRounds(watches, TICK),
            trust,
            looks,
            new WatcherNews(watches, lastSeen, looks, context),
            this::now,
            context.metrics());
  }

  public void start(Timers timers) {
    timers.every(TICK, this::tick);
  }

  private long now() {
    return nanoTime.getAsLong() - startNanos;
  }

  // ---- what happens to users of this node

  /** A user came to this node who was not here before. */
  public void arrived(UserId user) {
    hints.gather(PresenceHint.Kind.ARRIVED, user);
    lookout.suspect(user);
  }

  /**
   * Users left this node and did not come back within the grace; their topics are given up.
   *
   * @param gone for how long each has been gone
   */
  public void departed(Map<UserId, Duration> gone) {
    if (gone.isEmpty()) {
      return;
    }
    Set<UserId> users = gone.keySet();
    lastSeen.note(gone);
    subscriptions // until their topics are gone a look would find them
        .settled()
        .whenComplete(
            (done, fault) -> {
              users.forEach(user -> hints.gather(PresenceHint.Kind.LEFT, user));
              lookout.hinted(PresenceHint.Kind.LEFT, users, Duration.ZERO);
            });
  }

  /**
   * This node leaves the cluster: who has not come back elsewhere when the grace is over is
   * offline. Blocks, for 2 s at most.
   */
  public void leaving(Duration grace) {
    Set<UserId> users = registry.users();
    hints.publish(PresenceHint.Kind.LEFT, users, grace);
    lastSeen.note(users);
    lastSeen.writeAll(LEAVING);
  }

  // ---- what happens to users of other nodes

  /** Another node tells of its users. */
  public void hinted(PresenceHint hint) {
    lookout.hinted(hint.kind(), hint.users(), Duration.ofMillis(hint.graceMillis()));
  }

  /** Anything may have changed, and the router's table may be incomplete for a while. */
  public void doubt() {
    lookout.doubt();
  }

  /** A node died; this one speaks for its users. */
  public void nodeDied(Collection<UserId> users, Duration grace) {
    List<UserId> elsewhere = users.stream().filter(user -> !probe.isHere(user)).toList();
    lastSeen.note(elsewhere);
    hints.publish(PresenceHint.Kind.LOST, elsewhere, grace);
    lookout.hinted(PresenceHint.Kind.LOST, elsewhere, grace);
  }

  // ---- watching

  /**
   * Lets a session watch these users in place of those before.
   *
   * @param asSeen makes of how they are what the session may see of it, under the monitor of the
   *     session
   * @param answer gets that, in the session's turn of delivery, in front of the events that follow
   * @return completes when the answer is on its way; fails if there will be none
   */
  public CompletableFuture<Void> watch(
      Session session,
      Set<UserId> users,
      UnaryOperator<List<Presence>> asSeen,
      Consumer<List<Presence>> answer) {
    CompletableFuture<Void> answered = new CompletableFuture<>();
    watches
        .replace(session, users)
        .thenCompose(subscribed -> lookout.seen(users))
        .thenCompose(sighting -> lastSeen.find(users))
        .whenComplete(
            (times, fault) -> {
              if (fault == null) {
                looks.execute(
                    () -> answer(session, users, times, asSeen, answer, answered),
                    answered::completeExceptionally);
              } else {
                answered.completeExceptionally(fault);
              }
            });
    return answered.whenComplete(
        (done, fault) -> {
          if (fault != null) {
            session.failPresence(users);
          }
        });
  }

  /**
   * Lets a session watch these users in place of those before; who is not watched any more is told
   * to be offline. To be called under the monitor of the session.
   *
   * @return whom it did not watch before: {@link #tellOf} them then
   */
  Set<UserId> watchOnly(Session session, Set<UserId> users) {
    Set<UserId> before = new HashSet<>(session.watched());
    for (UserId user : before) {
      if (!users.contains(user) && session.needsPresence(user, false)) {
        Presence offline = new Presence(user, false, null);
        session.tellPresence(offline, context.outgoing(new PresenceChanged(offline)));
      }
    }
    var unused = watches.replace(session, users);
    Set<UserId> more = new HashSet<>(users);
    more.removeAll(before);
    return more;
  }

  /** Tells a session by events of users whom it watches and of whom no answer tells it. */
  void tellOf(Session session, Set<UserId> users) {
    session.failPresence(users);
    users.forEach(lookout::suspect);
  }

  /** The sessions here that watch a user. */
  List<Session> watchers(UserId user) {
    WatchedUser watched = watches.find(user);
    return watched == null ? List.of() : watched.watchers();
  }

  public void unwatchAll(Session session) {
    watches.clear(session);
  }

  private void answer(
      Session session,
      Set<UserId> users,
      Map<UserId, Instant> times,
      UnaryOperator<List<Presence>> asSeen,
      Consumer<List<Presence>> answer,
      CompletableFuture<Void> answered) {
    @Nullable List<Presence> presences;
    synchronized (session) { // as whom it watches changes: who is hidden meanwhile stays hidden
      List<Presence> seen = asSeen.apply(presences(users, Sighting.ofNobody(now()), times));
      presences = session.answerPresence(seen, () -> answer.accept(seen)) ? seen : null;
    }
    if (presences != null) {
      for (Presence presence : presences) {
        if (session.needsPresence(presence.user(), presence.online())) {
          lookout.suspect(presence.user()); // an event has to tell it, too
        }
      }
      answered.complete(null);
    } else {
      answered.completeExceptionally(Errors.sessionClosed());
    }
  }

  /** How things stand, as far as this node can tell. */
  public CompletableFuture<List<Presence>> ask(Set<UserId> users) {
    return lookout
        .seen(users)
        .thenCompose(
            sighting -> lastSeen.find(users).thenApply(times -> presences(users, sighting, times)));
  }

  private List<Presence> presences(
      Set<UserId> users, Sighting sighting, Map<UserId, Instant> times) {
    return users.stream()
        .sorted()
        .map(
            user -> {
              boolean online = isOnline(user, sighting);
              return new Presence(user, online, online ? null : times.get(user));
            })
        .toList();
  }

  private boolean isOnline(UserId user, Sighting sighting) {
    WatchedUser watched = watches.find(user);
    Belief.State state = watched == null ? Belief.State.UNKNOWN : watched.state();
    return state == Belief.State.ONLINE
        || (state == Belief.State.UNKNOWN
            && (sighting.online().contains(user) || probe.isHere(user)));
  }

  /** Those who have a session on some node; while the router is away, on this node. Blocks. */
  public Set<UserId> online(Collection<UserId> users) {
    return probe.look(users).online();
  }

  // ---- life

  void tick() {
    trust.observe(router.healthy(), now());
    var unused = lastSeen.write();
    hints.flush();
    lookout.tick();
  }

  /** Looks and turns that wait or are under way. */
  int backlog() {
    return looks.pending();
  }

  /** Fails what waits for a look. */
  @Override
  public void close() {
    looks.close();
  }
}
