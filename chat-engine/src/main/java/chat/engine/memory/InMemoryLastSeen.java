package chat.engine.memory;

import chat.engine.UserId;
import chat.engine.spi.LastSeenStore;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** When users were last seen, in memory. Thread-safe. */
final class InMemoryLastSeen implements LastSeenStore {
  private final Map<UserId, Instant> times = new HashMap<>();
  private final Set<UserId> gone = new HashSet<>();

  @Override
  public synchronized void record(Map<UserId, Instant> seen) {
    seen.forEach(
        (user, time) -> {
          if (!gone.contains(user)) {
            times.merge(user, time.truncatedTo(ChronoUnit.MILLIS), (a, b) -> a.isAfter(b) ? a : b);
          }
        });
  }

  @Override
  public synchronized Map<UserId, Instant> find(Collection<UserId> users) {
    Map<UserId, Instant> found = new HashMap<>();
    for (UserId user : users) {
      Instant time = times.get(user);
      if (time != null) {
        found.put(user, time);
      }
    }
    return found;
  }

  /** Records nothing of a user any more. */
  synchronized void refuse(UserId user) {
    gone.add(user);
  }

  synchronized void forget(UserId user) {
    times.remove(user);
  }

  synchronized void rename(UserId user, UserId replacement) {
    Instant time = times.remove(user);
    if (time != null) {
      times.putIfAbsent(replacement, time);
    }
  }
}
