package chat.engine.internal.send;

import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.MessageId;
import chat.engine.NewMessage;
import chat.engine.SendAck;
import chat.engine.UserId;
import chat.engine.internal.session.Session;
import chat.engine.spi.Draft;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A send on its way through a lane. Owned by one thread at a time. */
final class PendingSend {
  private static final int BASE_WEIGHT = 256;

  private final UserId sender;
  private final @Nullable Session session;
  private final ConversationId conversation;
  private final NewMessage message;
  private final long contentHash;
  private final long deadlineNanos;
  private @Nullable Lane lane;
  private boolean answered;
  private @Nullable Throwable doubt;
  private final CompletableFuture<SendAck> result = new CompletableFuture<>();

  /** Ids under which it was tried; more than one only after a commit in doubt. */
  private final List<Long> triedIds = new ArrayList<>(1);

  PendingSend(
      UserId sender,
      @Nullable Session session,
      ConversationId conversation,
      NewMessage message,
      long contentHash,
      long deadlineNanos) {
    this.sender = sender;
    this.session = session;
    this.conversation = conversation;
    this.message = message;
    this.contentHash = contentHash;
    this.deadlineNanos = deadlineNanos;
  }

  UserId sender() {
    return sender;
  }

  ConversationId conversation() {
    return conversation;
  }

  CompletableFuture<SendAck> result() {
    return result;
  }

  boolean isOverdue(long nowNanos) {
    return nowNanos - deadlineNanos >= 0;
  }

  /** About the bytes that it holds in memory while it waits. */
  int weight() {
    return BASE_WEIGHT + 2 * message.text().length();
  }

  Draft draft(long id, Instant now, long verifiedRev) {
    triedIds.add(id);
    return new Draft(
        MessageId.of(id),
        conversation,
        sender,
        message.clientMessageId(),
        contentHash,
        message.text(),
        message.replyTo(),
        message.mentions(),
        message.attributes(),
        now,
        verifiedRev);
  }

  /** Whether a message with this id was stored by an earlier attempt of this very send. */
  boolean tried(long id) {
    return triedIds.contains(id);
  }

  /** A commit of it broke off: from now on it may be stored, whatever becomes of later attempts. */
  void doubted(Throwable cause) {
    doubt = cause;
  }

  /** To be called before the message goes to the feeds, so that they know whose it is. */
  void noteAcknowledged(long seq) {
    if (session != null) {
      session.sendAcknowledged(conversation, message.clientMessageId(), seq);
    }
  }

  void enters(Lane entered) {
    lane = entered;
  }

  void acknowledge(Message stored, boolean duplicate, Executor executor) {
    SendAck ack =
        new SendAck(stored.id(), conversation, stored.seq(), stored.createdAt(), duplicate);
    answered();
    executor.execute(() -> result.complete(ack));
  }

  /**
   * Idempotent: only the first answer counts. After a doubt a refusal that does not come from a
   * look at what is stored becomes a refusal in doubt.
   */
  void fail(ChatException refusal, Executor executor) {
    if (answered) {
      return;
    }
    if (session != null) {
      session.sendFailed(conversation, message.clientMessageId());
    }
    answered();
    ChatException told = inDoubtUnlessSettled(refusal);
    executor.execute(() -> result.completeExceptionally(told));
  }

  private ChatException inDoubtUnlessSettled(ChatException refusal) {
    if (doubt == null) {
      return refusal;
    }
    return switch (refusal.code()) {
      // Decided under the lock of the conversation, where an earlier attempt would have been found.
      case BAD_REQUEST, CONFLICT, NOT_FOUND -> refusal;
      default ->
          ChatException.inDoubt(
              "the store broke off while committing, and what became of it could not be learnt;"
                  + " retry to learn more",
              doubt);
    };
  }

  private void answered() {
    answered = true;
    if (lane != null) {
      lane.left(this);
    }
  }
}
