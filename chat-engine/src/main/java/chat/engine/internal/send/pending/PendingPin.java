package chat.engine.internal.send.pending;

import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.PinAck;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.internal.group.Permission;
import chat.engine.internal.runtime.MessageWeight;
import chat.engine.spi.Pin;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** A pin or an unpin of a message on its way to the store. Thread-safe. */
public final class PendingPin extends PendingWrite {
  private static final Set<Role> ALL = Set.of(Role.values());

  private final long seq;
  private final boolean on;
  private final CompletableFuture<PinAck> result = new CompletableFuture<>();

  public PendingPin(
      UserId actor, ConversationId conversation, long seq, boolean on, Executor answers) {
    super(actor, conversation, answers);
    this.seq = seq;
    this.on = on;
  }

  /** A pin, or an unpin, by those who may pin in this conversation. */
  public static Pin pin(Conversation where, long seq, UserId actor, boolean on, Instant now) {
    Set<Role> by = where.kind() == ConversationKind.DIRECT ? ALL : Permission.PIN_MESSAGES.roles();
    return new Pin(where.id(), seq, actor, on, by, now);
  }

  public long seq() {
    return seq;
  }

  @Override
  public CompletableFuture<PinAck> result() {
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
  public Pin write(long id, Instant now, long verifiedRev, Conversation where) {
    return pin(where, seq, actor(), on, now);
  }

  /**
   * The message is as it is to be.
   *
   * @param rev of the change that made it so
   * @return false if it had an answer before
   */
  public boolean acknowledge(long rev) {
    return answer(() -> {}, () -> result.complete(new PinAck(conversation(), seq, rev)));
  }
}
