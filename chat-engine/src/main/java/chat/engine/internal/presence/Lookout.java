package chat.engine.internal.presence;

import chat.engine.UserId;
import chat.engine.internal.cluster.Envelope.PresenceHint;
import chat.engine.internal.runtime.Metrics;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/**
 * Looks at everybody who is watched again and again, whether or not anything seems wrong: at those
 * whose turn it is ({@link WatchRounds}), those of whom there was a hint, and those of whom a look
 * is due that settles something ({@link Belief#isDue}). At most {@link PresenceProbe#PAGE} users
 * are looked at together, and the next look begins when the last one has ended. Every look changes
 * what this node believes, and the watchers are told what is new to them.
 *
 * <p>Thread-safe; never blocks.
 */
final class Lookout {
  private final Watches watches;
  private final WatchRounds rounds;
  private final RouterTrust trust;
  private final PresenceLooks looks;
  private final WatcherNews news;
  private final LongSupplier now;

  /** Watched users to look at in the next turn. */
  private final Set<UserId> suspects = ConcurrentHashMap.newKeySet();

  /** Watched users of whom a later look has to settle something; see {@link Belief#isPending}. */
  private final Set<UserId> pending = ConcurrentHashMap.newKeySet();

  private final AtomicBoolean looking = new AtomicBoolean();

  /**
   * @param now nanoseconds since the start of the engine
   */
  Lookout(
      Watches watches,
      WatchRounds rounds,
      RouterTrust trust,
      PresenceLooks looks,
      WatcherNews news,
      LongSupplier now,
      Metrics metrics) {
    this.watches = watches;
    this.rounds = rounds;
    this.trust = trust;
    this.looks = looks;
    this.news = news;
    this.now = now;
    metrics.gauge("presence_watched", watches::size);
    metrics.gauge("presence_pending", pending::size);
    metrics.gauge("presence_round_millis", rounds::lastTookMillis);
  }

  /** A user may have come or gone. */
  void suspect(UserId user) {
    if (watches.find(user) != null) {
      suspects.add(user);
    }
  }

  /** Something happened to users, somewhere. */
  void hinted(PresenceHint.Kind kind, Collection<UserId> users, Duration grace) {
    long at = now.getAsLong();
    for (UserId user : users) {
      WatchedUser watched = watches.find(user);
      if (watched != null) {
        switch (kind) {
          case ARRIVED -> {}
          case LEFT -> watched.leave(at, grace);
          case LOST -> watched.lose(at, grace);
        }
        pending.add(user);
        suspects.add(user);
      }
    }
  }

  /** Anything may have changed, and the router's table may be incomplete for a while. */
  void doubt() {
    trust.doubt(now.getAsLong());
    rounds.hurry();
  }

  /** Begins to look at those whose turn it is, unless a look is under way. */
  void tick() {
    if (looking.compareAndSet(false, true)) {
      Set<UserId> users = new LinkedHashSet<>();
      addUrgent(users);
      rounds.tick(users, now.getAsLong());
      look(users);
    }
  }

  /** Looks at some users now, whether they are watched or not. */
  CompletableFuture<Sighting> seen(Collection<UserId> users) {
    CompletableFuture<Sighting> seen = new CompletableFuture<>();
    looks.look(
        users,
        sighting -> {
          take(users, sighting);
          seen.complete(sighting);
        },
        seen::completeExceptionally);
    return seen;
  }

  private void addUrgent(Set<UserId> users) {
    long at = now.getAsLong();
    for (Iterator<UserId> all = suspects.iterator();
        all.hasNext() && users.size() < PresenceProbe.PAGE; ) {
      users.add(all.next());
      all.remove();
    }
    for (Iterator<UserId> all = pending.iterator(); all.hasNext(); ) {
      UserId user = all.next();
      WatchedUser watched = watches.find(user);
      if (watched == null || !watched.isPending()) {
        all.remove();
      } else if (users.size() < PresenceProbe.PAGE && watched.isDue(at, trust)) {
        users.add(user);
      }
    }
    rounds.hurry(users, PresenceProbe.PAGE - users.size(), at);
  }

  /** Looks at these, then at all who are urgent by then, until there is nobody. */
  private void look(Set<UserId> users) {
    if (users.isEmpty()) {
      looking.set(false);
      return;
    }
    looks.look(
        users,
        sighting -> {
          take(users, sighting);
          Set<UserId> next = new LinkedHashSet<>();
          if (sighting.unknown().isEmpty()) { // else the router had better be asked later
            addUrgent(next);
          }
          look(next);
        },
        fault -> looking.set(false));
  }

  /** On the thread of the looks. */
  private void take(Collection<UserId> users, Sighting sighting) {
    long at = now.getAsLong();
    for (UserId user : users) {
      WatchedUser watched = watches.find(user);
      if (watched == null) {
        continue;
      }
      if (sighting.online().contains(user)) {
        watched.seen(sighting.beganAt());
      } else if (sighting.unknown().contains(user)) {
        watched.unseen();
      } else {
        watched.missed(sighting.beganAt(), at, trust);
      }
      if (watched.isPending()) {
        pending.add(user);
      }
    }
    news.tell(new HashSet<>(users));
  }
}
