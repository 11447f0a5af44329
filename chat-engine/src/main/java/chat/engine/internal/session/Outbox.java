package chat.engine.internal.session;

import chat.engine.Presence;
import chat.engine.UserId;
import chat.engine.event.PresenceChanged;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What waits for the listener of one session, within the session's budget, and what the listener
 * was told of those whom the session watches. Both are kept here, because a presence that is
 * dropped from the queue has to be told again.
 *
 * <p>There is one of these for every connection, so the {@link DeliveryQueue} exists only while it
 * is needed. Not thread-safe; guarded by the monitor of its {@link Session}.
 */
final class Outbox {
  private final SessionContext context;
  private @Nullable DeliveryQueue queue;
  private @Nullable WatchedPresence watched;

  Outbox(SessionContext context) {
    this.context = context;
  }

  // ---- what waits

  /** Bytes of the events that wait. */
  int bytes() {
    return queue == null ? 0 : queue.bytes();
  }

  boolean isEmpty() {
    return queue == null || queue.isEmpty();
  }

  /**
   * Adds an event; ephemeral ones give way to it, or it to them.
   *
   * @return false if it must not be dropped and does not fit in
   */
  boolean offer(SharedEvent outgoing) {
    if (!outgoing.event().ephemeral() && !queue().hasRoom(outgoing, context.budgetBytes())) {
      untellWaiting(); // which gives way
    }
    return queue().offer(outgoing, context.budgetBytes());
  }

  /** Adds an event even if it exceeds the budget. */
  void add(SharedEvent outgoing) {
    queue().add(outgoing);
  }

  /** Adds an answer, in front of all events. */
  void addAnswer(Runnable answer) {
    queue().addAnswer(answer);
  }

  void dropIf(Predicate<SharedEvent> condition) {
    if (queue != null) {
      queue.dropIf(condition);
    }
  }

  /** Drops all events; answers stay. */
  void dropAll() {
    untellWaiting();
    if (queue != null) {
      queue.dropAll();
    }
  }

  private DeliveryQueue queue() {
    if (queue == null) {
      queue = new DeliveryQueue(context.metrics());
    }
    return queue;
  }

  // ---- delivery

  /** Whether a turn has to begin now; then the caller sees to it that it does. */
  boolean claimTurn() {
    return queue != null && queue.claimTurn();
  }

  /** What this thread, whose turn it is, has to deliver next; null ends the turn. */
  DeliveryQueue.@Nullable Item next() {
    DeliveryQueue.Item item = queue().next();
    forgetQueueIfIdle();
    return item;
  }

  /** See {@link DeliveryQueue#leaveThread}. */
  void leaveThread() {
    queue().leaveThread();
  }

  /** Wakes a listener that blocks. */
  void interruptDelivery() {
    if (queue != null) {
      queue.interruptDelivery();
    }
  }

  void pause() {
    queue().pause();
  }

  void resume() {
    if (queue != null) {
      queue.resume();
      forgetQueueIfIdle();
    }
  }

  private void forgetQueueIfIdle() {
    if (queue != null && queue.isIdle()) {
      queue = null;
    }
  }

  // ---- presences

  /**
   * @return whom it watched before
   */
  List<UserId> replaceWatched(Set<UserId> users) {
    WatchedPresence before = watched;
    watched = users.isEmpty() ? null : new WatchedPresence(users, before);
    return before == null ? List.of() : before.users();
  }

  List<UserId> watched() {
    return watched == null ? List.of() : watched.users();
  }

  /** Whether it watches the user and was told something else or nothing. */
  boolean needsPresence(UserId user, boolean online) {
    return watched != null && watched.needs(user, online);
  }

  /**
   * Adds an event with the presence of a user, if it is needed and there is room for it.
   *
   * @param heldBytes what is held back besides
   */
  void offerPresence(Presence presence, SharedEvent event, int heldBytes) {
    WatchedPresence watching = watched;
    if (watching != null
        && watching.needs(presence.user(), presence.online())
        && queue().hasRoom(event, context.budgetBytes() - heldBytes)) {
      watching.tell(presence.user(), presence.online());
      queue().add(event);
    }
  }

  /**
   * Records the presences of an answer, and drops the presence events that wait: they are older.
   */
  void answerPresence(Collection<Presence> presences) {
    WatchedPresence watching = watched;
    if (watching != null) {
      untellWaiting();
      dropIf(waiting -> waiting.event() instanceof PresenceChanged);
      presences.forEach(presence -> watching.answer(presence.user(), presence.online()));
    }
  }

  /** Records that no answer will report these users. */
  void failPresence(Collection<UserId> users) {
    WatchedPresence watching = watched;
    if (watching != null) {
      users.forEach(watching::fail);
    }
  }

  /** The presences that wait are about to be dropped. */
  private void untellWaiting() {
    WatchedPresence watching = watched;
    if (watching != null && queue != null) {
      queue.forEach(
          waiting -> {
            if (waiting.event() instanceof PresenceChanged changed) {
              watching.forget(changed.presence().user());
            }
          });
    }
  }
}
