package chat.engine.internal.session;

import chat.engine.internal.runtime.Metrics;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What waits for the listener of one session, and whose turn it is to deliver it.
 *
 * <p>Answers go in front of all events, in the order given, and even while delivery is paused.
 * Events are bounded by bytes: to make room the ephemeral ones are dropped, and if that is not
 * enough the session has to cut its stream.
 *
 * <p>A turn is claimed once something is ready, is handed to the delivery pool, and lasts until
 * nothing is ready any more; so nothing is ever delivered by two threads at once.
 *
 * <p>Exists only as long as {@link #isIdle} does not hold. Not thread-safe; guarded by its session.
 */
final class DeliveryQueue {
  /** Something to deliver: an event, or the answer that events must stay behind. */
  sealed interface Item permits SharedEvent, Answer {}

  record Answer(Runnable action) implements Item {}

  private final Metrics metrics;
  private final ArrayDeque<SharedEvent> events = new ArrayDeque<>(4);
  private @Nullable ArrayDeque<Answer> answers;
  private int bytes;
  private boolean paused;
  private boolean turnClaimed;
  private @Nullable Thread deliverer;

  DeliveryQueue(Metrics metrics) {
    this.metrics = metrics;
  }

  /** About the bytes that the events hold in memory. */
  int bytes() {
    return bytes;
  }

  boolean isEmpty() {
    return events.isEmpty() && answers == null;
  }

  /** Whether it can be forgotten: nothing waits, nobody delivers, and it need not say no. */
  boolean isIdle() {
    return isEmpty() && !turnClaimed && !paused;
  }

  // ---- filling

  /**
   * Adds an event if it stays within the budget; ephemeral events give way.
   *
   * @return false if an event that must not be dropped does not fit in
   */
  boolean offer(SharedEvent event, int budgetBytes) {
    if (!hasRoom(event, budgetBytes)) {
      if (event.event().ephemeral()) {
        metrics.count(Metrics.Counter.EPHEMERAL_DROPPED);
        return true;
      }
      dropEphemeral();
      if (!hasRoom(event, budgetBytes)) {
        return false;
      }
    }
    add(event);
    return true;
  }

  /** Whether an event stays within the budget with nothing giving way. */
  boolean hasRoom(SharedEvent event, int budgetBytes) {
    return bytes + event.weight() <= budgetBytes;
  }

  /** Adds an event even if it exceeds the budget. */
  void add(SharedEvent event) {
    events.add(event);
    bytes += event.weight();
  }

  void addAnswer(Runnable action) {
    ArrayDeque<Answer> waiting = answers;
    if (waiting == null) {
      waiting = new ArrayDeque<>(1);
      answers = waiting;
    }
    waiting.add(new Answer(action));
  }

  private void dropEphemeral() {
    int before = events.size();
    dropIf(event -> event.event().ephemeral());
    for (int dropped = before - events.size(); dropped > 0; dropped--) {
      metrics.count(Metrics.Counter.EPHEMERAL_DROPPED);
    }
  }

  /** Shows the events that wait, the first one first. */
  void forEach(Consumer<SharedEvent> look) {
    events.forEach(look);
  }

  void dropIf(Predicate<SharedEvent> condition) {
    events.removeIf(condition);
    bytes = events.stream().mapToInt(SharedEvent::weight).sum();
  }

  void dropAll() {
    events.clear();
    bytes = 0;
  }

  // ---- delivering

  void pause() {
    paused = true;
  }

  void resume() {
    paused = false;
  }

  /** Whether a turn has to begin now; then the caller sees to it that it does. */
  boolean claimTurn() {
    if (turnClaimed || !isReady()) {
      return false;
    }
    turnClaimed = true;
    return true;
  }

  private boolean isReady() {
    return answers != null || (!paused && !events.isEmpty());
  }

  /** What this thread, whose turn it is, has to deliver next; null ends the turn. */
  @Nullable Item next() {
    if (!isReady()) {
      turnClaimed = false;
      deliverer = null;
      return null;
    }
    deliverer = Thread.currentThread();
    ArrayDeque<Answer> waiting = answers;
    if (waiting != null) {
      Answer answer = waiting.remove();
      answers = waiting.isEmpty() ? null : waiting;
      return answer;
    }
    SharedEvent event = events.remove();
    bytes -= event.weight();
    return event;
  }

  /** The turn goes on later, on whichever thread: this one is no longer ours to interrupt. */
  void leaveThread() {
    deliverer = null;
  }

  /** Wakes a listener that blocks. */
  void interruptDelivery() {
    if (deliverer != null) {
      deliverer.interrupt();
    }
  }
}
