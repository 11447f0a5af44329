package chat.engine.internal.send;

import chat.engine.ConversationId;
import chat.engine.internal.runtime.Errors;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * All sends of this node that were taken and have no answer yet, wherever they are: with the hook,
 * in a lane, waiting for a lock, or in doubt. Bounds those of one conversation, gives up on those
 * whose time is over, and answers all when the engine closes. Thread-safe, never blocks.
 */
final class PendingSends implements AutoCloseable {
  private static final Duration ATTEMPT_PATIENCE = Duration.ofSeconds(1);
  private static final Duration POLL = Duration.ofMillis(1);

  private final int maxPerConversation;
  private final Set<PendingSend> all = ConcurrentHashMap.newKeySet();
  private final Map<ConversationId, Integer> byConversation = new ConcurrentHashMap<>();
  private volatile boolean closed;

  PendingSends(int maxPerConversation) {
    this.maxPerConversation = maxPerConversation;
  }

  /**
   * @return false if too many sends to its conversation are pending
   */
  boolean enter(PendingSend send) {
    int sends = byConversation.merge(send.conversation(), 1, Integer::sum);
    if (sends > maxPerConversation) {
      leaveConversation(send);
      return false;
    }
    send.whenAnswered(this::left);
    all.add(send);
    if (closed) { // since the close may not have seen it
      send.fail(Errors.closing());
    }
    return true;
  }

  private void left(PendingSend send) {
    all.remove(send);
    leaveConversation(send);
  }

  private void leaveConversation(PendingSend send) {
    byConversation.computeIfPresent(
        send.conversation(), (id, sends) -> sends == 1 ? null : sends - 1);
  }

  int count() {
    return all.size();
  }

  /**
   * Answers those whose time is over.
   *
   * @return how many
   */
  int expire(long nowNanos) {
    int expired = 0;
    for (PendingSend send : all) {
      if (send.expire(nowNanos)) {
        expired++;
      }
    }
    return expired;
  }

  /**
   * Answers all, and from now on every send that enters. Those that the store is working on are
   * left a moment to become certain.
   */
  @Override
  public void close() {
    closed = true;
    long end = System.nanoTime() + ATTEMPT_PATIENCE.toNanos();
    while (answerThoseNotAttempted() > 0 && System.nanoTime() - end < 0) {
      LockSupport.parkNanos(POLL.toNanos());
    }
    all.forEach(send -> send.fail(Errors.closing()));
  }

  /**
   * @return how many are left
   */
  private int answerThoseNotAttempted() {
    for (PendingSend send : all) {
      if (!send.isAttempting()) {
        send.fail(Errors.closing());
      }
    }
    return all.size();
  }
}
