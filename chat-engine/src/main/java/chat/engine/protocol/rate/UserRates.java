package chat.engine.protocol.rate;

import chat.engine.UserId;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The rates of the users who have connections at this node, and of those who had one moments ago:
 * else a user would begin anew with each connection. Bounded by the connections and by {@link
 * #MOST_GONE}. Thread-safe; does not block.
 */
public final class UserRates {
  /** Of so many users who have no connection any more, those who were here last. */
  static final int MOST_GONE = 65_536;

  /** Longer than it takes until a bucket is full again. */
  private static final long KEPT_NANOS = Duration.ofMinutes(1).toNanos();

  private static final class Entry {
    private final UserRate rate;
    private int connections;
    private long goneNanos;

    Entry(UserRate rate) {
      this.rate = rate;
    }
  }

  private final int perSecond;

  // Both are guarded by this.
  private final Map<UserId, Entry> present = new HashMap<>();
  private final Map<UserId, Entry> gone = new LinkedHashMap<>(); // the first is gone for longest

  /**
   * @param perSecond requests of each user
   */
  public UserRates(int perSecond) {
    this.perSecond = perSecond;
  }

  /** A connection of a user begins; {@link #leave} has to follow. */
  public synchronized UserRate join(UserId user, long nowNanos) {
    Entry entry = present.get(user);
    if (entry == null) {
      Entry known = gone.remove(user);
      entry = known != null ? known : new Entry(new UserRate(perSecond, nowNanos));
      present.put(user, entry);
    }
    entry.connections++;
    forget(nowNanos);
    return entry.rate;
  }

  /** A connection of a user has ended. */
  public synchronized void leave(UserId user, long nowNanos) {
    Entry entry = Objects.requireNonNull(present.get(user));
    entry.connections--;
    if (entry.connections == 0) {
      present.remove(user);
      entry.goneNanos = nowNanos;
      gone.put(user, entry);
    }
    forget(nowNanos);
  }

  private void forget(long nowNanos) {
    Iterator<Entry> first = gone.values().iterator();
    while (first.hasNext()
        && (nowNanos - first.next().goneNanos > KEPT_NANOS || gone.size() > MOST_GONE)) {
      first.remove();
    }
  }

  /** How many users it knows. */
  synchronized int size() {
    return present.size() + gone.size();
  }
}
