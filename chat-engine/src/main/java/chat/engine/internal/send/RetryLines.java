package chat.engine.internal.send;

import chat.engine.ConversationId;
import chat.engine.internal.send.pending.PendingWrite;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A line of waiting sends for each conversation that has any, in the order in which they came. A
 * line stays as long as some of its sends wait or are being tried, so later sends can see it and
 * follow. Thread-safe, never blocks.
 */
final class RetryLines {
  private final int capacity;
  private final long maxBytes;
  private final Map<ConversationId, ArrayDeque<PendingWrite>> lines = new HashMap<>();
  private int size;
  private long bytes;

  RetryLines(int capacity, long maxBytes) {
    this.capacity = capacity;
    this.maxBytes = maxBytes;
  }

  /** Where a send is now. */
  enum Place {
    /** In a new line, which nobody tries yet. */
    NEW_LINE,
    IN_LINE,
    /** Nowhere: its conversation has no line. */
    NO_LINE,
    /** Nowhere: too many wait. */
    FULL
  }

  /** Lines up behind earlier sends of the conversation, if such wait. */
  synchronized Place join(PendingWrite send) {
    ArrayDeque<PendingWrite> line = lines.get(send.conversation());
    return line == null ? Place.NO_LINE : append(line, send, Place.IN_LINE);
  }

  /** Lines up, in a new line if need be. One whose commit is in doubt always finds room. */
  synchronized Place add(PendingWrite send) {
    ArrayDeque<PendingWrite> line = lines.get(send.conversation());
    if (line != null) {
      return append(line, send, Place.IN_LINE);
    }
    line = new ArrayDeque<>();
    Place place = append(line, send, Place.NEW_LINE);
    if (place == Place.NEW_LINE) {
      lines.put(send.conversation(), line);
    }
    return place;
  }

  private Place append(ArrayDeque<PendingWrite> line, PendingWrite send, Place place) {
    boolean full = size >= capacity || bytes + send.weight() > maxBytes;
    if (full && !send.isInDoubt()) {
      return Place.FULL;
    }
    line.addLast(send);
    entered(send);
    return place;
  }

  /** The first sends of these conversations' lines that have no answer yet. */
  synchronized List<PendingWrite> take(Collection<ConversationId> conversations, int max) {
    List<PendingWrite> taken = new ArrayList<>();
    for (ConversationId conversation : conversations) {
      ArrayDeque<PendingWrite> line = lines.get(conversation);
      while (line != null && !line.isEmpty() && taken.size() < max) {
        PendingWrite send = line.removeFirst();
        left(send);
        if (!send.isAnswered()) {
          taken.add(send);
        }
      }
    }
    return taken;
  }

  /**
   * Puts what could not be settled back to the front of its line. Ends the line if nobody waits.
   *
   * @param unsettled sends of this conversation, in order
   * @return the first of the line; null if the line ended
   */
  synchronized @Nullable PendingWrite putBack(
      ConversationId conversation, List<PendingWrite> unsettled) {
    ArrayDeque<PendingWrite> line = lines.get(conversation);
    if (line == null) {
      return null;
    }
    for (int i = unsettled.size() - 1; i >= 0; i--) {
      PendingWrite send = unsettled.get(i);
      if (!send.isAnswered()) {
        line.addFirst(send);
        entered(send);
      }
    }
    if (line.isEmpty()) {
      lines.remove(conversation);
    }
    return line.peekFirst();
  }

  synchronized int size() {
    return size;
  }

  private void entered(PendingWrite send) {
    size++;
    bytes += send.weight();
  }

  private void left(PendingWrite send) {
    size--;
    bytes -= send.weight();
  }
}
