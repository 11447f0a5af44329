package chat.engine.internal.session;

import chat.engine.UserId;
import chat.engine.event.SessionEnded;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Who is connected to this node. A user whose last session has closed stays registered for the
 * presence grace, so that a reconnect finds routes and feeds in place and is no flap. Thread-safe.
 */
public final class SessionRegistry {
  /** A user whose last session closed; looked at again when the grace is over. */
  private record Departure(UserSessions home, long leftNanos) {}

  private final long graceNanos;
  private final Function<UserId, CompletableFuture<Void>> routing;
  private final Map<UserId, UserSessions> homes = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<Departure> departures = new ConcurrentLinkedQueue<>();
  private final Map<Session, Long> cutSince = new ConcurrentHashMap<>();
  private final AtomicInteger sessionCount = new AtomicInteger();

  /**
   * @param grace how long a user stays registered after the last session has closed
   * @param routing begins to route to this node what is published to a user; called before anybody
   *     can find the user here, so that no session can miss it
   */
  public SessionRegistry(Duration grace, Function<UserId, CompletableFuture<Void>> routing) {
    this.graceNanos = grace.toNanos();
    this.routing = routing;
  }

  /** What a new session found. */
  public record Arrival(Session session, boolean userWasAway) {}

  /** Makes a session; if it throws, none is added. */
  public interface SessionFactory {
    Session create(UserSessions home);
  }

  public Arrival add(UserId user, SessionFactory factory) {
    boolean[] away = new boolean[1];
    Session[] created = new Session[1];
    homes.compute(
        user,
        (id, found) -> {
          UserSessions home = found == null ? new UserSessions(id, routing.apply(id)) : found;
          away[0] = found == null;
          created[0] = factory.create(home);
          home.add(created[0]);
          return home;
        });
    sessionCount.incrementAndGet();
    return new Arrival(created[0], away[0]);
  }

  public void remove(Session session) {
    UserSessions home = session.home();
    if (home.remove(session)) {
      sessionCount.decrementAndGet();
      cutSince.remove(session);
      if (home.isEmpty()) {
        departures.add(new Departure(home, home.leftNanos()));
      }
    }
  }

  /** Ends all sessions of a user. */
  public void end(UserId user, SessionEnded farewell) {
    UserSessions home = homes.get(user);
    if (home != null) {
      for (Session session : home.sessions()) {
        session.end(farewell);
      }
    }
  }

  public @Nullable UserSessions find(UserId user) {
    return homes.get(user);
  }

  public Collection<UserSessions> all() {
    return homes.values();
  }

  public int sessionCount() {
    return sessionCount.get();
  }

  /** Users who left and did not come back within the grace; they are no longer registered. */
  public List<UserSessions> departed(long nowNanos) {
    List<UserSessions> gone = new ArrayList<>();
    for (Departure next = departures.peek();
        next != null && nowNanos - next.leftNanos() >= graceNanos;
        next = departures.peek()) {
      departures.poll();
      UserSessions home = next.home();
      long left = next.leftNanos();
      homes.computeIfPresent(
          home.user(),
          (user, registered) -> {
            boolean cameBack = home.leftNanos() != left; // and may have left again
            if (registered != home || !home.isEmpty() || cameBack) {
              return registered;
            }
            gone.add(home);
            return null;
          });
    }
    return gone;
  }

  void cut(Session session) {
    cutSince.put(session, System.nanoTime());
  }

  /** Sessions whose stream was cut so long ago, and whose listener has not moved since. */
  public List<Session> stalled(long nowNanos, Duration timeout) {
    List<Session> stalled = new ArrayList<>();
    // By entry: a session that is cut again at this moment has a new one, which stays.
    cutSince.entrySet().removeIf(cut -> !cut.getKey().isStalled());
    cutSince.forEach(
        (session, since) -> {
          if (nowNanos - since > timeout.toNanos()) {
            stalled.add(session);
          }
        });
    return stalled;
  }

  public Set<UserId> users() {
    return Set.copyOf(homes.keySet());
  }
}
