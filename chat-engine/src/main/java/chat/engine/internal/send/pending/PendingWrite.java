package chat.engine.internal.send.pending;

import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.internal.util.LogThrottle;
import chat.engine.internal.util.Threads;
import chat.engine.spi.Write;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A send, an edit, a deletion, a reaction or a pin that was taken and has no answer yet. It knows
 * whether the store may have it, so that every answer is true, no matter which thread gives it and
 * when: only the first answer counts, and a refusal while an attempt is under way or a commit is in
 * doubt is a refusal in doubt. Thread-safe.
 */
public abstract sealed class PendingWrite
    permits PendingSend, PendingChange, PendingReaction, PendingPin {
  private static final Logger log = LoggerFactory.getLogger(PendingWrite.class);
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
  private static final long ATTEMPT_PATIENCE_NANOS = Duration.ofSeconds(1).toNanos();
  private static final LogThrottle listenerFaults = new LogThrottle(Duration.ofMinutes(1));

  private final UserId actor;
  private final ConversationId conversation;
  private final Executor answers;

  // Neighbours in the line of its conversation, which guards them.
  @Nullable PendingWrite previous;
  @Nullable PendingWrite next;

  // All below is guarded by this.
  private long deadlineNanos;
  private boolean attempting;
  private boolean answered;
  private @Nullable Throwable doubt;
  private @Nullable Consumer<PendingWrite> whenAnswered;

  /**
   * @param answers completes what the application holds
   */
  PendingWrite(UserId actor, ConversationId conversation, Executor answers) {
    this.actor = actor;
    this.conversation = conversation;
    this.answers = answers;
  }

  /** Who sends, edits, deletes, reacts or pins. */
  public final UserId actor() {
    return actor;
  }

  public final ConversationId conversation() {
    return conversation;
  }

  /** What the application holds. */
  abstract CompletableFuture<?> result();

  /** About the bytes that it holds in memory while it waits, as it was handed in. */
  public abstract int weight();

  /** Whether each attempt needs a fresh id. */
  public abstract boolean takesId();

  /**
   * What is to be stored by an attempt.
   *
   * @param id fresh, or 0 if it takes none
   * @param verifiedRev see {@link chat.engine.spi.Draft#verifiedRev()}
   * @param where the conversation, as this node knows it
   */
  public abstract Write write(long id, Instant now, long verifiedRev, Conversation where);

  /** Told of a refusal before the application is; of an answer by the subclass itself. */
  void refused() {}

  // ---- attempts to store it

  /**
   * @return false if it has its answer: then it must not be stored any more
   */
  public final synchronized boolean beginAttempt() {
    attempting = !answered;
    return attempting;
  }

  /** The attempt stored nothing, for certain. */
  public final synchronized void attemptStoredNothing() {
    attempting = false;
  }

  /** The attempt may have stored it: from now on every refusal is one in doubt. */
  public final synchronized void attemptIsInDoubt(Throwable cause) {
    attempting = false;
    doubt = cause;
  }

  /** Whether the store is working on it. */
  public final synchronized boolean isAttempting() {
    return attempting && !answered;
  }

  public final synchronized boolean isInDoubt() {
    return doubt != null;
  }

  // ---- answers

  public final synchronized boolean isAnswered() {
    return answered;
  }

  /** Sets what is to be told of the answer; to be called once, before others know of this write. */
  final synchronized void whenAnswered(Consumer<PendingWrite> told) {
    whenAnswered = told;
  }

  public final synchronized void expiresAt(long nanos) {
    deadlineNanos = nanos;
  }

  private synchronized boolean isOverdue(long nowNanos) {
    long patience = attempting ? ATTEMPT_PATIENCE_NANOS : 0;
    return !answered && nowNanos - deadlineNanos >= patience;
  }

  /**
   * Gives up on it if its time is over. While an attempt is under way it waits a little longer,
   * since the attempt may bring a better answer than a doubt.
   *
   * @return whether it gave up
   */
  public final boolean expire(long nowNanos) {
    return isOverdue(nowNanos)
        && fail(
            ChatException.busy(
                "conversation "
                    + conversation
                    + " could not be written to within the send time-out; nothing was stored",
                RETRY_AFTER));
  }

  /**
   * Gives it its answer.
   *
   * @param told what is told first, on the thread of the caller
   * @param completion completes the result
   * @return false if it had an answer before
   */
  final boolean answer(Runnable told, Runnable completion) {
    synchronized (this) {
      if (answered) {
        return false;
      }
      answered = true;
    }
    leave();
    tell(told);
    answers.execute(completion);
    return true;
  }

  /**
   * Refuses it; becomes a refusal in doubt if the store may have it.
   *
   * @return false if it had an answer before
   */
  public final boolean fail(ChatException refusal) {
    ChatException told;
    synchronized (this) { // at once, for no attempt may begin after a refusal that is certain
      if (answered) {
        return false;
      }
      answered = true;
      told = inDoubtUnlessCertain(refusal);
    }
    leave();
    tell(this::refused);
    answers.execute(() -> result().completeExceptionally(told));
    return true;
  }

  /**
   * Refuses it with what the store decided under the lock of the conversation, where an earlier
   * attempt would have been found: nothing is in doubt any more.
   */
  public final boolean failForCertain(ChatException decided) {
    synchronized (this) {
      attempting = false;
      doubt = null;
    }
    return fail(decided);
  }

  private void leave() {
    Consumer<PendingWrite> told;
    synchronized (this) {
      told = whenAnswered;
    }
    if (told != null) {
      told.accept(this);
    }
  }

  private ChatException inDoubtUnlessCertain(ChatException refusal) {
    if (doubt == null && !attempting) {
      return refusal;
    }
    return ChatException.inDoubt(
        "the store did not say whether it committed the message; retry to learn more",
        doubt != null ? doubt : refusal);
  }

  /** A fault of the session must not change the answer. */
  private static void tell(Runnable call) {
    try {
      call.run();
    } catch (RuntimeException | Error fault) {
      Threads.outlived(fault);
      if (listenerFaults.due() > 0) {
        log.error("a session could not take the answer of its send", fault);
      }
    }
  }
}
