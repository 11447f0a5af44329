package chat.engine.internal.send.pending;

import chat.engine.ConversationId;
import chat.engine.internal.runtime.Errors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * All sends, edits and deletions of this node that were taken and have no answer yet, wherever they
 * are: with the hook, in a lane, waiting for a lock, or in doubt. Bounds those of one conversation,
 * gives up on those whose time is over, and answers all when the engine closes. Thread-safe, never
 * blocks.
 */
public final class PendingWrites implements AutoCloseable {
  private static final Duration ATTEMPT_PATIENCE = Duration.ofSeconds(1);
  private static final Duration POLL = Duration.ofMillis(1);

  /** A conversation comes and goes with every send, so up to this number of lines stay empty. */
  static final int KEPT = 10_000;

  private final int maxPerConversation;
  private final Map<ConversationId, PendingLine> lines = new ConcurrentHashMap<>();
  private volatile boolean closed;

  public PendingWrites(int maxPerConversation) {
    this.maxPerConversation = maxPerConversation;
  }

  /**
   * @return false if too many sends to its conversation are pending
   */
  public boolean enter(PendingWrite send) {
    ConversationId conversation = send.conversation();
    while (true) {
      PendingLine line = lines.get(conversation);
      if (line == null) {
        line = lines.computeIfAbsent(conversation, unused -> new PendingLine());
      }
      switch (line.enter(send, maxPerConversation)) {
        case FULL -> {
          return false;
        }
        case ENTERED -> {
          if (closed) { // since the close may not have seen it
            send.fail(Errors.closing());
          }
          return true;
        }
        case CLOSED -> lines.remove(conversation, line);
      }
    }
  }

  public int count() {
    return lines.values().stream().mapToInt(PendingLine::size).sum();
  }

  private List<PendingWrite> all() {
    List<PendingWrite> sends = new ArrayList<>();
    lines.values().forEach(line -> line.addTo(sends));
    return sends;
  }

  /** If there are more lines than this. */
  void forgetEmptyLines(int kept) {
    if (lines.size() > kept) {
      lines.values().removeIf(PendingLine::closeIfEmpty);
    }
  }

  int lines() {
    return lines.size();
  }

  /**
   * Answers those whose time is over.
   *
   * @return how many
   */
  public int expire(long nowNanos) {
    forgetEmptyLines(KEPT);
    int expired = 0;
    for (PendingWrite send : all()) {
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
    all().forEach(send -> send.fail(Errors.closing()));
  }

  /**
   * @return how many are left
   */
  private int answerThoseNotAttempted() {
    for (PendingWrite send : all()) {
      if (!send.isAttempting()) {
        send.fail(Errors.closing());
      }
    }
    return count();
  }
}
