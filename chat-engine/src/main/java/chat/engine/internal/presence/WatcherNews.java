package chat.engine.internal.presence;

import chat.engine.Presence;
import chat.engine.UserId;
import chat.engine.event.PresenceChanged;
import chat.engine.internal.session.Session;
import chat.engine.internal.session.SessionContext;
import chat.engine.internal.session.SharedEvent;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells sessions what this node believes of the users whom they watch, where they were told
 * something else. When somebody was last seen is in the store; if that is away, who went offline is
 * told when it is back. Used by the thread of the looks only.
 */
final class WatcherNews {
  private final Watches watches;
  private final LastSeenTimes lastSeen;
  private final PresenceLooks looks;
  private final SessionContext context;

  WatcherNews(
      Watches watches, LastSeenTimes lastSeen, PresenceLooks looks, SessionContext context) {
    this.watches = watches;
    this.lastSeen = lastSeen;
    this.looks = looks;
    this.context = context;
  }

  /** Tells what is believed of these users; whom nobody watches are ignored. */
  void tell(Iterable<UserId> users) {
    Set<UserId> offline = new HashSet<>();
    for (UserId user : users) {
      WatchedUser watched = watches.find(user);
      Belief.State state = watched == null ? Belief.State.UNKNOWN : watched.state();
      if (state == Belief.State.ONLINE) {
        tell(new Presence(user, true, null));
      } else if (state == Belief.State.OFFLINE && !watchersToTell(user, false).isEmpty()) {
        offline.add(user);
      }
    }
    if (!offline.isEmpty()) {
      var unused =
          lastSeen
              .find(offline)
              .thenAccept(times -> looks.execute(() -> tellOffline(offline, times), closing -> {}));
    }
  }

  private void tellOffline(Set<UserId> users, Map<UserId, Instant> times) {
    for (UserId user : users) {
      WatchedUser watched = watches.find(user);
      if (watched != null && watched.state() == Belief.State.OFFLINE) { // still
        tell(new Presence(user, false, times.get(user)));
      }
    }
  }

  private void tell(Presence presence) {
    @Nullable SharedEvent event = null;
    for (Session session : watchersToTell(presence.user(), presence.online())) {
      if (event == null) {
        event = context.outgoing(new PresenceChanged(presence));
      }
      session.tellPresence(presence, event);
    }
  }

  private List<Session> watchersToTell(UserId user, boolean online) {
    WatchedUser watched = watches.find(user);
    return watched == null
        ? List.of()
        : watched.watchers().stream()
            .filter(session -> session.needsPresence(user, online))
            .toList();
  }
}
