package chat.engine.internal.send;

import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.ErrorCode;
import chat.engine.Message;
import chat.engine.MessageId;
import chat.engine.NewMessage;
import chat.engine.SendAck;
import chat.engine.UserId;
import chat.engine.internal.runtime.MessageWeight;
import chat.engine.internal.util.LogThrottle;
import chat.engine.internal.util.Threads;
import chat.engine.spi.Draft;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A send that was taken and has no answer yet. It knows whether the store may have its message, so
 * that every answer is true, no matter which thread gives it and when: only the first answer
 * counts, and a refusal while an attempt is under way or a commit is in doubt is a refusal in
 * doubt. Thread-safe.
 */
final class PendingSend {
  private static final Logger log = LoggerFactory.getLogger(PendingSend.class);
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
  private static final long ATTEMPT_PATIENCE_NANOS = Duration.ofSeconds(1).toNanos();
  private static final LogThrottle listenerFaults = new LogThrottle(Duration.ofMinutes(1));

  /** The session that the send came from, which must know what became of it. */
  interface Listener {
    Listener NONE =
        new Listener() {
          @Override
          public void acknowledged(long seq) {}

          @Override
          public void failed() {}
        };

    /** Called before the message goes to the feeds. */
    void acknowledged(long seq);

    void failed();
  }

  private final UserId sender;
  private final ConversationId conversation;
  private final Listener listener;
  private final Executor answers;
  private final long contentHash;
  private final int weight;
  private final CompletableFuture<SendAck> result = new CompletableFuture<>();

  /** Ids under which it was tried; more than one only after a commit in doubt. */
  private final List<Long> triedIds = new ArrayList<>(1);

  private volatile NewMessage message;

  // Neighbours in the line of its conversation, which guards them.
  @Nullable PendingSend previous;
  @Nullable PendingSend next;

  // All below is guarded by this.
  private long deadlineNanos;
  private boolean attempting;
  private boolean answered;
  private @Nullable Throwable doubt;
  private @Nullable Consumer<PendingSend> whenAnswered;

  /**
   * @param answers completes what the application holds
   */
  PendingSend(
      UserId sender,
      ConversationId conversation,
      NewMessage message,
      Listener listener,
      Executor answers) {
    this.sender = sender;
    this.conversation = conversation;
    this.message = message;
    this.listener = listener;
    this.answers = answers;
    this.contentHash = message.contentHash();
    this.weight = MessageWeight.of(message);
  }

  UserId sender() {
    return sender;
  }

  ConversationId conversation() {
    return conversation;
  }

  NewMessage message() {
    return message;
  }

  CompletableFuture<SendAck> result() {
    return result;
  }

  /** About the bytes that it holds in memory while it waits, as it was handed in. */
  int weight() {
    return weight;
  }

  /** What the hook made of the message; stored instead of it, under the same content hash. */
  void replace(NewMessage allowed) {
    message = allowed;
  }

  // ---- attempts to store it

  /**
   * @return false if it has its answer: then it must not be stored any more
   */
  synchronized boolean beginAttempt() {
    attempting = !answered;
    return attempting;
  }

  Draft draft(long id, Instant now, long verifiedRev) {
    NewMessage content = message;
    synchronized (this) {
      triedIds.add(id);
    }
    return new Draft(
        MessageId.of(id),
        conversation,
        sender,
        content.clientMessageId(),
        contentHash,
        content.text(),
        content.replyTo(),
        content.mentions(),
        content.attributes(),
        now,
        verifiedRev);
  }

  /** Whether a message with this id was stored by an attempt of this very send. */
  synchronized boolean tried(long id) {
    return triedIds.contains(id);
  }

  /** The attempt stored nothing, for certain. */
  synchronized void attemptStoredNothing() {
    attempting = false;
  }

  /** The attempt may have stored it: from now on every refusal is one in doubt. */
  synchronized void attemptIsInDoubt(Throwable cause) {
    attempting = false;
    doubt = cause;
  }

  /** Whether the store is working on it. */
  synchronized boolean isAttempting() {
    return attempting && !answered;
  }

  synchronized boolean isInDoubt() {
    return doubt != null;
  }

  // ---- answers

  synchronized boolean isAnswered() {
    return answered;
  }

  /** Sets what is to be told of the answer; to be called once, before others know of this send. */
  synchronized void whenAnswered(Consumer<PendingSend> told) {
    whenAnswered = told;
  }

  synchronized void expiresAt(long nanos) {
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
  boolean expire(long nowNanos) {
    return isOverdue(nowNanos)
        && fail(
            ChatException.busy(
                "conversation "
                    + conversation
                    + " could not be written to within the send time-out; nothing was stored",
                RETRY_AFTER));
  }

  /**
   * To be called before the message goes to the feeds, so that they know whose it is.
   *
   * @return false if it had an answer before
   */
  boolean acknowledge(Message stored, boolean duplicate) {
    synchronized (this) {
      if (answered) {
        return false;
      }
      answered = true;
    }
    SendAck ack =
        new SendAck(stored.id(), conversation, stored.seq(), stored.createdAt(), duplicate);
    leave();
    tell(() -> listener.acknowledged(stored.seq()));
    answers.execute(() -> result.complete(ack));
    return true;
  }

  /**
   * Refuses it; becomes a refusal in doubt if the store may have the message.
   *
   * @return false if it had an answer before
   */
  boolean fail(ChatException refusal) {
    ChatException told;
    synchronized (this) { // at once, for no attempt may begin after a refusal that is certain
      if (answered) {
        return false;
      }
      answered = true;
      told = inDoubtUnlessSettled(refusal);
    }
    leave();
    tell(listener::failed);
    answers.execute(() -> result.completeExceptionally(told));
    return true;
  }

  private void leave() {
    Consumer<PendingSend> told;
    synchronized (this) {
      told = whenAnswered;
    }
    if (told != null) {
      told.accept(this);
    }
  }

  private ChatException inDoubtUnlessSettled(ChatException refusal) {
    boolean settled =
        // Decided under the lock of the conversation, where an earlier attempt would be found.
        refusal.code() == ErrorCode.BAD_REQUEST
            || refusal.code() == ErrorCode.CONFLICT
            || refusal.code() == ErrorCode.NOT_FOUND;
    if (settled || (doubt == null && !attempting)) {
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
