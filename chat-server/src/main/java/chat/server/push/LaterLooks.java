package chat.server.push;

import chat.engine.ConversationId;
import chat.engine.UserId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Whom to look at again: who seems to be connected, but may have left a moment ago or lost the
 * network, and who has a device that rests. The times between looks grow; after the last one it is
 * left. Kept in memory, so a node that dies forgets them; bounded. Thread-safe, never blocks.
 */
final class LaterLooks {
  static final int MOST = 20_000;

  private final List<Duration> waits;
  private final LongSupplier nanoTime;
  private final Map<Key, Entry> entries = new HashMap<>(); // guarded by this

  /** A member of a conversation. */
  record Key(ConversationId conversation, UserId user) {}

  /**
   * A look that is due.
   *
   * @param number 0 for the first
   */
  record Look(Key key, int number) {}

  private record Entry(long dueNanos, int number) {}

  /**
   * @param waits before the first look, the second and so on
   */
  LaterLooks(List<Duration> waits, LongSupplier nanoTime) {
    this.waits = List.copyOf(waits);
    this.nanoTime = nanoTime;
  }

  /** Plans a first look, unless one is planned. */
  synchronized void add(ConversationId conversation, Collection<UserId> users) {
    users.forEach(user -> plan(new Key(conversation, user), 0));
  }

  /**
   * Plans the next one.
   *
   * @return whether there is one
   */
  synchronized boolean again(Look look) {
    plan(look.key(), look.number() + 1);
    return look.number() + 1 < waits.size();
  }

  private void plan(Key key, int number) {
    if (number < waits.size() && (entries.size() < MOST || entries.containsKey(key))) {
      entries.putIfAbsent(
          key, new Entry(nanoTime.getAsLong() + waits.get(number).toNanos(), number));
    }
  }

  /** Takes the looks that are due out, at most so many. */
  synchronized List<Look> due(int most) {
    long now = nanoTime.getAsLong();
    List<Look> due = new ArrayList<>();
    for (Map.Entry<Key, Entry> one : entries.entrySet()) {
      if (due.size() == most) {
        break;
      }
      if (now - one.getValue().dueNanos() >= 0) {
        due.add(new Look(one.getKey(), one.getValue().number()));
      }
    }
    due.forEach(look -> entries.remove(look.key()));
    return due;
  }

  synchronized int size() {
    return entries.size();
  }
}
