package chat.engine.memory.conversation;

import chat.engine.Ban;
import chat.engine.ConversationChange;
import chat.engine.GroupUpdate.Field;
import chat.engine.UserId;
import chat.engine.spi.SlowMode;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The bans of a group, and when its members sent last in slow mode. Guarded by the store's lock.
 */
public final class GroupRestrictions {
  private final NavigableMap<UserId, Ban> bans;
  private final Map<UserId, Instant> lastSends = new HashMap<>();

  /**
   * @param order of the users in a page of bans
   */
  GroupRestrictions(Comparator<UserId> order) {
    this.bans = new TreeMap<>(order);
  }

  void copyFrom(GroupRestrictions other) {
    bans.putAll(other.bans);
    lastSends.putAll(other.lastSends);
  }

  /** Follows a change of the group that was made. */
  void follow(ConversationChange change) {
    switch (change.kind()) {
      case BANNED -> {
        bans.values().removeIf(ban -> !ban.isInForce(change.at()));
        change
            .subjects()
            .forEach(
                user -> bans.put(user, new Ban(user, change.actor(), change.at(), change.until())));
      }
      case UNBANNED -> change.subjects().forEach(bans::remove);
      case UPDATED -> {
        if (change.settings().changes(Field.SLOW_MODE) && change.settings().slowMode().isZero()) {
          lastSends.clear();
        }
      }
      default -> {}
    }
  }

  /** Bans in force behind a user, or all, ascending. */
  public Stream<Ban> bans(@Nullable UserId after, Instant now) {
    return (after == null ? bans : bans.tailMap(after, false))
        .values().stream().filter(ban -> ban.isInForce(now));
  }

  /** A user who is erased is banned no more. */
  void replace(UserId user, UserId replacement, boolean erased) {
    Ban own = bans.remove(user);
    Instant sent = lastSends.remove(user);
    if (!erased) {
      if (own != null) {
        bans.put(replacement, new Ban(replacement, own.by(), own.at(), own.until()));
      }
      if (sent != null) {
        lastSends.put(replacement, sent);
      }
    }
    bans.replaceAll(
        (banned, ban) ->
            ban.by().equals(user) ? new Ban(banned, replacement, ban.at(), ban.until()) : ban);
  }

  Duration remaining(UserId user, Duration pace, Instant now) {
    return SlowMode.remaining(pace, lastSends.get(user), now);
  }

  void sent(UserId user, Instant now) {
    lastSends.put(user, now);
  }
}
