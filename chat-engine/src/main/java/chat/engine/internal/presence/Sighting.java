package chat.engine.internal.presence;

import chat.engine.UserId;
import java.util.Set;

/**
 * What a look at some users showed: who is on some node, and of whom it cannot be told, because the
 * router is away. The others are on no node. Immutable.
 *
 * @param beganAt when the look began, in nanoseconds since the start of the engine
 */
record Sighting(Set<UserId> online, Set<UserId> unknown, long beganAt) {
  static Sighting ofNobody(long beganAt) {
    return new Sighting(Set.of(), Set.of(), beganAt);
  }
}
