package chat.engine.internal.send.pending;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The pending sends of one conversation, up to a limit, linked through the sends themselves: every
 * send enters and leaves once, so that must cost no allocation. Thread-safe; calls out only to set
 * {@link PendingWrite#whenAnswered}.
 */
final class PendingLine {
  enum Entry {
    ENTERED,
    FULL,
    /** The line is no longer in use; another takes its place. */
    CLOSED
  }

  private @Nullable PendingWrite first;
  private int size;
  private boolean closed;

  synchronized Entry enter(PendingWrite send, int limit) {
    if (closed) {
      return Entry.CLOSED;
    }
    if (size >= limit) {
      return Entry.FULL;
    }
    send.whenAnswered(this::leave);
    PendingWrite second = first;
    send.next = second;
    if (second != null) {
      second.previous = send;
    }
    first = send;
    size++;
    return Entry.ENTERED;
  }

  private synchronized void leave(PendingWrite send) {
    PendingWrite before = send.previous;
    PendingWrite after = send.next;
    if (before != null) {
      before.next = after;
    } else {
      first = after;
    }
    if (after != null) {
      after.previous = before;
    }
    send.previous = null;
    send.next = null;
    size--;
  }

  synchronized int size() {
    return size;
  }

  synchronized void addTo(List<PendingWrite> sends) {
    for (PendingWrite send = first; send != null; send = send.next) {
      sends.add(send);
    }
  }

  /**
   * @return whether it was empty, and takes no sends from now on
   */
  synchronized boolean closeIfEmpty() {
    closed |= size == 0;
    return closed;
  }
}
