package chat.engine.internal.presence;

import chat.engine.UserId;
import chat.engine.internal.cluster.Topics;
import chat.engine.internal.session.SessionRegistry;
import chat.engine.internal.util.LogThrottle;
import chat.engine.spi.Router;
import chat.engine.spi.RouterUnavailableException;
import chat.engine.spi.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks where users are: on this node if they are registered here, else wherever the router knows a
 * subscription to their topic. Asks the router for at most {@link #PAGE} users at a time, and no
 * more once it has failed. Thread-safe; blocks as long as the router does.
 */
final class PresenceProbe {
  static final int PAGE = 1000;
  private static final Duration LOG_PERIOD = Duration.ofSeconds(30);
  private static final Logger log = LoggerFactory.getLogger(PresenceProbe.class);

  private final Router router;
  private final SessionRegistry registry;
  private final LongSupplier now;
  private final LogThrottle faults = new LogThrottle(LOG_PERIOD);

  /**
   * @param now nanoseconds since the start of the engine
   */
  PresenceProbe(Router router, SessionRegistry registry, LongSupplier now) {
    this.router = router;
    this.registry = registry;
    this.now = now;
  }

  boolean isHere(UserId user) {
    return registry.find(user) != null;
  }

  Sighting look(Collection<UserId> users) {
    long beganAt = now.getAsLong();
    Set<UserId> online = new HashSet<>();
    List<UserId> elsewhere = new ArrayList<>();
    for (UserId user : users) {
      if (isHere(user)) {
        online.add(user);
      } else {
        elsewhere.add(user);
      }
    }
    for (int from = 0; from < elsewhere.size(); from += PAGE) {
      List<UserId> page = elsewhere.subList(from, Math.min(from + PAGE, elsewhere.size()));
      if (!ask(page, online)) {
        return new Sighting(online, Set.copyOf(elsewhere.subList(from, elsewhere.size())), beganAt);
      }
    }
    return new Sighting(online, Set.of(), beganAt);
  }

  private boolean ask(List<UserId> page, Set<UserId> online) {
    try {
      for (Topic topic : router.subscribed(page.stream().map(Topics::user).toList())) {
        online.add(Topics.userOf(topic));
      }
      return true;
    } catch (RouterUnavailableException away) {
      return false;
    } catch (RuntimeException fault) {
      long times = faults.due();
      if (times > 0) {
        log.error("the router failed ({} times since this was last logged)", times, fault);
      }
      return false;
    }
  }
}
