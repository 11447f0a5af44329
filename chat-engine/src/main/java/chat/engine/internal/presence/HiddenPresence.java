package chat.engine.internal.presence;

import chat.engine.Presence;
import chat.engine.UserId;
import chat.engine.internal.privacy.Visibility;
import chat.engine.internal.session.Session;
import chat.engine.internal.session.SessionRegistry;
import chat.engine.internal.session.UserSessions;
import chat.engine.internal.util.Timers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hides users from each other as {@link Visibility} says: to a session the other one is offline,
 * and was never seen. That is looked up when a session asks or begins to watch, and again when a
 * block or the settings of a user change. Since news of that may be lost between nodes, those who
 * watch here are compared with the store from time to time. What is looked up again is looked up in
 * passes, one after another, so that an older answer never takes the place of a newer one.
 *
 * <p>Thread-safe; reads the store on the store threads.
 */
public final class HiddenPresence {
  private static final Logger log = LoggerFactory.getLogger(HiddenPresence.class);
  private static final Duration COMPARISON = Duration.ofSeconds(15);

  /** Watching users, and users whom they watch, of one look-up. */
  private static final int USERS_AT_ONCE = 500;

  private static final int WATCHED_AT_ONCE = 20_000;

  private final Visibility visibility;
  private final SessionRegistry registry;
  private final PresenceTracker tracker;

  /** Whom a session would watch if nobody were hidden; only sessions for which somebody is. */
  private final Map<Session, Set<UserId>> hidden = new ConcurrentHashMap<>();

  // Guarded by this: what the next pass has to look up.
  private Set<UserId> watchers = new LinkedHashSet<>();
  private Set<UserId> changed = new LinkedHashSet<>();
  private CompletableFuture<Void> nextPass = new CompletableFuture<>();
  private boolean passing;

  public HiddenPresence(Visibility visibility, SessionRegistry registry, PresenceTracker tracker) {
    this.visibility = visibility;
    this.registry = registry;
    this.tracker = tracker;
  }

  public void start(Timers timers) {
    timers.every(COMPARISON, this::compare);
  }

  // ---- asking and watching

  /** How things stand with users, as one of them may see it. */
  public CompletableFuture<List<Presence>> ask(UserId user, Set<UserId> users) {
    return visibility
        .hidden(user, users)
        .thenCompose(
            unseen ->
                tracker
                    .ask(without(users, unseen))
                    .thenApply(presences -> with(presences, unseen)));
  }

  /** Who is online, including users who hide their presence. */
  public CompletableFuture<List<Presence>> askUnhidden(Set<UserId> users) {
    return tracker.ask(users);
  }

  /** As {@link PresenceTracker#watch}, for those whom the session's user may see. */
  public CompletableFuture<Void> watch(
      Session session, Set<UserId> users, Consumer<List<Presence>> answer) {
    UserId user = session.user();
    return visibility
        .hidden(user, users)
        .thenCompose(
            unseen -> {
              hide(session, unseen);
              return tracker.watch(
                  session,
                  without(users, unseen),
                  presences -> with(asSeen(session, presences), unseen),
                  answer);
            })
        .thenCompose(watching -> soon(List.of(user), List.of())); // for what changed meanwhile
  }

  private void hide(Session session, Set<UserId> unseen) {
    if (unseen.isEmpty() || session.isClosed()) {
      hidden.remove(session);
    } else {
      hidden.put(session, Set.copyOf(unseen));
    }
  }

  /** Who has been hidden while it was found out how they are is offline. */
  private List<Presence> asSeen(Session session, List<Presence> presences) {
    Set<UserId> unseen = hidden.getOrDefault(session, Set.of());
    return unseen.isEmpty()
        ? presences
        : presences.stream()
            .map(one -> unseen.contains(one.user()) ? new Presence(one.user(), false, null) : one)
            .toList();
  }

  private static Set<UserId> without(Set<UserId> users, Set<UserId> unseen) {
    Set<UserId> visible = new HashSet<>(users);
    visible.removeAll(unseen);
    return visible;
  }

  private static List<Presence> with(List<Presence> visible, Set<UserId> unseen) {
    if (unseen.isEmpty()) {
      return visible;
    }
    List<Presence> all = new ArrayList<>(visible);
    unseen.forEach(user -> all.add(new Presence(user, false, null)));
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
  public CompletableFuture<Void> blockChanged(UserId one, UserId other) {
    return soon(List.of(one, other), List.of());
  }

  /** A user shows presence to more or fewer users than before. */
  public void privacyChanged(UserId user) {
    var unused = soon(List.of(), List.of(user));
  }

  void compare() {
    var unused = soon(registry.all().stream().map(UserSessions::user).toList(), List.of());
  }

  /**
   * Has these looked up in the next pass.
   *
   * @param allOf whose sessions here are compared with all whom they watch
   * @param anew who may be hidden from others than before
   * @return completes with that pass
   */
  private CompletableFuture<Void> soon(Collection<UserId> allOf, Collection<UserId> anew) {
    synchronized (this) {
      watchers.addAll(allOf);
      changed.addAll(anew);
      if (passing) {
        return nextPass;
      }
      passing = true;
    }
    return beginPass();
  }

  private CompletableFuture<Void> beginPass() {
    CompletableFuture<Void> pass;
    List<Map<UserId, Set<UserId>>> pages;
    Set<UserId> anew;
    synchronized (this) {
      pass = nextPass;
      nextPass = new CompletableFuture<>();
      pages = pages(watchers);
      anew = changed;
      watchers = new LinkedHashSet<>();
      changed = new LinkedHashSet<>();
    }
    CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
    for (Map<UserId, Set<UserId>> page : pages) {
      done =
          done.thenCompose(before -> visibility.hidden(page))
              .thenAccept(unseen -> page.forEach((user, all) -> refresh(user, all, unseen)));
    }
    for (UserId user : anew) {
      done =
          done.thenCompose(
              before -> {
                Set<UserId> others = concerned(user);
                return others.isEmpty()
                    ? CompletableFuture.completedFuture(null)
                    : visibility
                        .hidden(user, others)
                        .thenAccept(unseen -> refreshAround(user, others, unseen));
              });
    }
    done.whenComplete((end, fault) -> endPass(pass, fault));
    return pass;
  }

  private void endPass(CompletableFuture<Void> pass, @Nullable Throwable fault) {
    boolean again;
    synchronized (this) {
      again = !watchers.isEmpty() || !changed.isEmpty();
      passing = again;
    }
    if (again) {
      var unused = beginPass();
    }
    if (fault == null) {
      pass.complete(null);
    } else {
      log.debug("who is hidden could not be looked up; the next comparison repeats it", fault);
      pass.completeExceptionally(fault);
    }
  }

  // ---- a pass

  /** Those of the users who watch somebody here, and whom. */
  private List<Map<UserId, Set<UserId>>> pages(Collection<UserId> users) {
    List<Map<UserId, Set<UserId>>> pages = new ArrayList<>();
    Map<UserId, Set<UserId>> page = new HashMap<>();
    int watched = 0;
    for (UserId user : users) {
      Set<UserId> all = wanted(user);
      if (!all.isEmpty()) {
        page.put(user, all);
        watched += all.size();
      }
      if (page.size() == USERS_AT_ONCE || watched >= WATCHED_AT_ONCE) {
        pages.add(page);
        page = new HashMap<>();
        watched = 0;
      }
    }
    if (!page.isEmpty()) {
      pages.add(page);
    }
    return pages;
  }

  /** Whom the sessions of a user watch, or would if nobody were hidden. */
  private Set<UserId> wanted(UserId user) {
    Set<UserId> all = new HashSet<>();
    UserSessions home = registry.find(user);
    if (home != null) {
      for (Session session : home.sessions()) {
        all.addAll(session.watched());
        all.addAll(hidden.getOrDefault(session, Set.of()));
      }
    }
    return all;
  }

  /** Those who watch a user here, or would, and whom the user watches. */
  private Set<UserId> concerned(UserId user) {
    Set<UserId> others = wanted(user);
    tracker.watchers(user).forEach(session -> others.add(session.user()));
    hidden.forEach(
        (session, unseen) -> {
          if (unseen.contains(user)) {
            others.add(session.user());
          }
        });
    return others;
  }

  private void refresh(UserId user, Set<UserId> asked, Map<UserId, Set<UserId>> unseen) {
    refresh(user, asked, unseen.getOrDefault(user, Set.of()));
  }

  private void refreshAround(UserId user, Set<UserId> others, Set<UserId> unseen) {
    refresh(user, others, unseen);
    for (UserId other : others) {
      refresh(other, Set.of(user), unseen.contains(other) ? Set.of(user) : Set.of());
    }
  }

  private void refresh(UserId user, Set<UserId> asked, Set<UserId> unseen) {
    UserSessions home = registry.find(user);
    if (home != null) {
      for (Session session : home.sessions()) {
        refresh(session, asked, unseen);
      }
    }
  }

  /**
   * @param asked whom the look-up was about
   * @param unseen those of them who are hidden
   */
  private void refresh(Session session, Set<UserId> asked, Set<UserId> unseen) {
    if (unseen.isEmpty() && !hidden.containsKey(session)) {
      return;
    }
    Set<UserId> seenAgain;
    synchronized (session) { // as whom it watches changes
      Set<UserId> before = hidden.getOrDefault(session, Set.of());
      Set<UserId> all = new HashSet<>(session.watched());
      all.addAll(before);
      Set<UserId> now = new HashSet<>(all);
      now.removeIf(user -> !(asked.contains(user) ? unseen : before).contains(user));
      if (now.equals(before)) {
        return;
      }
      hide(session, now);
      seenAgain = tracker.watchOnly(session, without(all, now));
    }
    tracker.tellOf(session, seenAgain);
  }
}
