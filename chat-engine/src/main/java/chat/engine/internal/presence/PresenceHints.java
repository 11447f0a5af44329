package chat.engine.internal.presence;

import chat.engine.UserId;
import chat.engine.internal.cluster.Envelope;
import chat.engine.internal.cluster.Envelope.PresenceHint.Kind;
import chat.engine.internal.cluster.Publisher;
import chat.engine.internal.cluster.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What this node tells those who watch its users on other nodes. Arrivals and departures are
 * gathered, so that a thousand users who come back together are one envelope; of a user who came
 * and went meanwhile the last is told. What does not fit in, or is lost, the regular looks find.
 * Thread-safe.
 */
final class PresenceHints {
  static final int PAGE = 1000;
  static final int MOST = 100_000;

  private final Publisher publisher;
  private final Map<UserId, Kind> gathered = new ConcurrentHashMap<>();

  PresenceHints(Publisher publisher) {
    this.publisher = publisher;
  }

  void gather(Kind kind, UserId user) {
    if (gathered.size() < MOST || gathered.containsKey(user)) {
      gathered.put(user, kind);
    }
  }

  /** Publishes what was gathered. */
  void flush() {
    if (gathered.isEmpty()) {
      return;
    }
    Map<Kind, List<UserId>> byKind = new HashMap<>();
    for (UserId user : List.copyOf(gathered.keySet())) {
      Kind kind = gathered.remove(user);
      if (kind != null) {
        byKind.computeIfAbsent(kind, unused -> new ArrayList<>()).add(user);
      }
    }
    byKind.forEach((kind, users) -> publish(kind, users, Duration.ZERO));
  }

  /** Publishes at once. */
  void publish(Kind kind, Collection<UserId> users, Duration grace) {
    List<UserId> all = List.copyOf(users);
    for (int from = 0; from < all.size(); from += PAGE) {
      List<UserId> page = all.subList(from, Math.min(from + PAGE, all.size()));
      publisher.publishEphemeral(
          page.stream().map(Topics::presence).toList(),
          new Envelope.PresenceHint(page, kind, grace.toMillis()));
    }
  }
}
