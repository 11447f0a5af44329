package chat.engine.internal.feed;

import chat.engine.internal.runtime.MessageWeight;
import chat.engine.spi.StoredMessage;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Messages of one conversation that arrived before their turn, by seq. Bounded: what does not fit
 * in is dropped, highest seq first, and read from the store when its turn comes. Owned by the
 * thread of its shard, as is the budget that all buffers of the shard share.
 */
final class ReorderBuffer {
  private static final int MAX_MESSAGES = 1024;

  /** What the buffers of one shard may hold together. */
  static final class Budget {
    private static final long DEFAULT_BYTES = 32L << 20;
    private long left;

    Budget() {
      this(DEFAULT_BYTES);
    }

    Budget(long bytes) {
      this.left = bytes;
    }

    long left() {
      return left;
    }
  }

  private final TreeMap<Long, StoredMessage> bySeq = new TreeMap<>();
  private final Budget budget;

  ReorderBuffer(Budget budget) {
    this.budget = budget;
  }

  /** Keeps a message if there is room, or if it comes before one that is kept. */
  void add(StoredMessage stored) {
    if (hasRoom() || (!bySeq.isEmpty() && stored.message().seq() < bySeq.lastKey())) {
      put(stored);
      while (bySeq.size() > MAX_MESSAGES || (budget.left < 0 && !bySeq.isEmpty())) {
        remove(bySeq.lastKey());
      }
    }
  }

  /** Keeps a message even beyond the bounds, for a page that is drained at once. */
  void put(StoredMessage stored) {
    StoredMessage before = bySeq.put(stored.message().seq(), stored);
    budget.left -= weight(stored) - (before == null ? 0 : weight(before));
  }

  private boolean hasRoom() {
    return bySeq.size() < MAX_MESSAGES && budget.left > 0;
  }

  @Nullable StoredMessage get(long seq) {
    return bySeq.get(seq);
  }

  void dropUpTo(long seq) {
    while (!bySeq.isEmpty() && bySeq.firstKey() <= seq) {
      remove(bySeq.firstKey());
    }
  }

  private void remove(long seq) {
    StoredMessage removed = bySeq.remove(seq);
    if (removed != null) {
      budget.left += weight(removed);
    }
  }

  boolean isEmpty() {
    return bySeq.isEmpty();
  }

  int size() {
    return bySeq.size();
  }

  private static long weight(StoredMessage stored) {
    return MessageWeight.of(stored.message());
  }
}
