package chat.engine.internal.send.pending;

import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.MessageId;
import chat.engine.NewMessage;
import chat.engine.SendAck;
import chat.engine.UserId;
import chat.engine.internal.runtime.MessageWeight;
import chat.engine.spi.Draft;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A send on its way to the store. Thread-safe. */
public final class PendingSend extends PendingWrite {
  /** The session that the send came from, which must know what became of it. */
  public interface Listener {
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

  private final Listener listener;
  private final long contentHash;
  private final int weight;
  private final CompletableFuture<SendAck> result = new CompletableFuture<>();

  /** Ids under which it was tried; more than one only after a commit in doubt. Guarded by this. */
  private final List<Long> triedIds = new ArrayList<>(1);

  private volatile NewMessage message;

  /** Whether what it forwards was looked up. */
  private volatile boolean originalSought;

  public PendingSend(
      UserId sender,
      ConversationId conversation,
      NewMessage message,
      Listener listener,
      Executor answers) {
    super(sender, conversation, answers);
    this.message = message;
    this.listener = listener;
    this.contentHash = message.contentHash();
    this.weight = MessageWeight.of(message);
  }

  public NewMessage message() {
    return message;
  }

  @Override
  public CompletableFuture<SendAck> result() {
    return result;
  }

  @Override
  public int weight() {
    return weight;
  }

  /** Whether what it forwards is still to be looked up. */
  public boolean wantsOriginal() {
    NewMessage given = message;
    return given.forwardOf() != null && !originalSought;
  }

  /**
   * @param original null if the sender cannot read it
   */
  void originalFound(@Nullable Message original) {
    message = Originals.complete(message, original);
    originalSought = true;
  }

  /** What the hook made of the message; stored instead of it, under the same content hash. */
  public void replace(NewMessage allowed) {
    message = allowed;
  }

  @Override
  public boolean takesId() {
    return true;
  }

  @Override
  public Draft write(long id, Instant now, long verifiedRev, Conversation where) {
    NewMessage content = message;
    synchronized (this) {
      triedIds.add(id);
    }
    return Draft.of(
        MessageId.of(id), conversation(), actor(), content, contentHash, now, verifiedRev);
  }

  /** Whether a message with this id was stored by an attempt of this very send. */
  public synchronized boolean tried(long id) {
    return triedIds.contains(id);
  }

  /**
   * To be called before the message goes to the feeds, so that they know whose it is.
   *
   * @return false if it had an answer before
   */
  public boolean acknowledge(Message stored, boolean duplicate) {
    SendAck ack =
        new SendAck(stored.id(), conversation(), stored.seq(), stored.createdAt(), duplicate);
    return answer(() -> listener.acknowledged(stored.seq()), () -> result.complete(ack));
  }

  @Override
  void refused() {
    listener.failed();
  }
}
