package chat.engine.internal.consumer;

import chat.engine.ConversationId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which conversations may have something behind the cursor, in the order in which that became
 * known, and which of them have to wait because their last batch failed. Bounded: when there are
 * more than it holds, it forgets those that are new and says that all conversations have to be
 * looked through. Not thread-safe.
 */
final class Backlog {
  static final int CAPACITY = 65_536;
  private static final long FIRST_PAUSE_NANOS = 1_000_000_000L;
  private static final long LONGEST_PAUSE_NANOS = 60_000_000_000L;

  private record Failure(int times, long nextNanos) {}

  private final Set<ConversationId> waiting = new LinkedHashSet<>();
  private final Map<ConversationId, Failure> failures = new HashMap<>();
  private boolean overflowed;

  void add(Collection<ConversationId> conversations) {
    conversations.forEach(this::add);
  }

  void add(ConversationId conversation) {
    if (waiting.size() < CAPACITY) {
      waiting.add(conversation);
    } else if (!waiting.contains(conversation)) {
      overflowed = true;
    }
  }

  /** Whether some were forgotten since this was asked last. */
  boolean takeOverflow() {
    boolean since = overflowed;
    overflowed = false;
    return since;
  }

  /** How many conversations it could take in before some are forgotten. */
  int room() {
    return CAPACITY - waiting.size();
  }

  int size() {
    return waiting.size();
  }

  int failing() {
    return failures.size();
  }

  void clear() {
    waiting.clear();
    failures.clear();
    overflowed = false;
  }

  /** Takes out the first ones whose turn it is and that are not among the busy. */
  List<ConversationId> take(int limit, Set<ConversationId> busy, long nowNanos) {
    List<ConversationId> taken = new ArrayList<>();
    for (Iterator<ConversationId> all = waiting.iterator();
        taken.size() < limit && all.hasNext(); ) {
      ConversationId conversation = all.next();
      Failure failure = failures.get(conversation);
      if (!busy.contains(conversation)
          && (failure == null || nowNanos - failure.nextNanos() >= 0)) {
        all.remove();
        taken.add(conversation);
      }
    }
    return taken;
  }

  /** How often the last batch of the conversation was given to the consumer, this time included. */
  int attempt(ConversationId conversation) {
    Failure failure = failures.get(conversation);
    return failure == null ? 1 : failure.times() + 1;
  }

  void done(ConversationId conversation) {
    failures.remove(conversation);
  }

  /** The batch comes again: after a second the first time, then twice as long, at most a minute. */
  void failed(ConversationId conversation, long nowNanos) {
    int times = attempt(conversation);
    long pause = Math.min(LONGEST_PAUSE_NANOS, FIRST_PAUSE_NANOS << Math.min(times - 1, 10));
    failures.put(conversation, new Failure(times, nowNanos + pause));
    add(conversation);
  }
}
