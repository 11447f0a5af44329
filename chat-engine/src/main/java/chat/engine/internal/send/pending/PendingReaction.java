package chat.engine.internal.send.pending;

import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.ReactionAck;
import chat.engine.UserId;
import chat.engine.internal.runtime.MessageWeight;
import chat.engine.spi.Reaction;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** A reaction on its way to the store. Thread-safe. */
public final class PendingReaction extends PendingWrite {
  /** The session that it came from, which gets the acknowledgement instead of the event. */
  @FunctionalInterface
  public interface Listener {
    Listener NONE = rev -> {};

    /** Called before the change goes to the feeds. */
    void acknowledged(long rev);
  }

  private final long seq;
  private final Emoji emoji;
  private final boolean on;
  private final Listener listener;
  private final CompletableFuture<ReactionAck> result = new CompletableFuture<>();

  public PendingReaction(
      UserId actor,
      ConversationId conversation,
      long seq,
      Emoji emoji,
      boolean on,
      Listener listener,
      Executor answers) {
    super(actor, conversation, answers);
    this.seq = seq;
    this.emoji = emoji;
    this.on = on;
    this.listener = listener;
  }

  public long seq() {
    return seq;
  }

  @Override
  public CompletableFuture<ReactionAck> result() {
    return result;
  }

  @Override
  public int weight() {
    return MessageWeight.BASE;
  }

  @Override
  public boolean takesId() {
    return false;
  }

  @Override
  public Reaction write(long id, Instant now, long verifiedRev, Conversation where) {
    return new Reaction(conversation(), seq, actor(), emoji, on, now);
  }

  /**
   * It was stored.
   *
   * @return false if it had an answer before
   */
  public boolean acknowledge(long rev, long count) {
    return answer(() -> listener.acknowledged(rev), () -> complete(rev, count));
  }

  /**
   * Nothing had to be stored.
   *
   * @param rev of the change that made it so
   * @return false if it had an answer before
   */
  public boolean acknowledgeUnchanged(long rev, long count) {
    return answer(() -> {}, () -> complete(rev, count));
  }

  private void complete(long rev, long count) {
    result.complete(new ReactionAck(conversation(), seq, rev, count));
  }
}
