package chat.engine.internal.send.pending;

import chat.engine.ChangeAck;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.MessageEdit;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.internal.group.Permission;
import chat.engine.internal.runtime.MessageWeight;
import chat.engine.spi.Deletion;
import chat.engine.spi.Edit;
import chat.engine.spi.Write;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** An edit or a deletion of a message on its way to the store. Thread-safe. */
public final class PendingChange extends PendingWrite {
  /** Who may delete what others wrote. */
  public static final Set<Role> DELETERS = Permission.DELETE_MESSAGES_OF_OTHERS.roles();

  private final long seq;
  private final int weight;
  private final boolean keepsVersion;
  private final CompletableFuture<ChangeAck> result = new CompletableFuture<>();

  /** Null for a deletion. */
  private volatile @Nullable MessageEdit content;

  /**
   * @param content null to delete the message
   * @param keepsVersion whether an edit keeps what it replaces
   */
  public PendingChange(
      UserId actor,
      ConversationId conversation,
      long seq,
      @Nullable MessageEdit content,
      boolean keepsVersion,
      Executor answers) {
    super(actor, conversation, answers);
    this.seq = seq;
    this.content = content;
    this.keepsVersion = keepsVersion;
    this.weight = content == null ? MessageWeight.BASE : MessageWeight.of(content);
  }

  /** A deletion by its author, or by those who may delete what others wrote. */
  public static Deletion deletion(
      ConversationId conversation, long seq, UserId actor, Instant now) {
    return new Deletion(conversation, seq, actor, DELETERS, now);
  }

  public long seq() {
    return seq;
  }

  public @Nullable MessageEdit content() {
    return content;
  }

  /** What the hook made of the edit. */
  public void replace(MessageEdit allowed) {
    MessageEdit asked = content;
    content = asked == null ? allowed : allowed.onlyWhile(asked.onlyWhile());
  }

  @Override
  public CompletableFuture<ChangeAck> result() {
    return result;
  }

  @Override
  public int weight() {
    return weight;
  }

  @Override
  public boolean takesId() {
    return false;
  }

  @Override
  public Write write(long id, Instant now, long verifiedRev, Conversation where) {
    MessageEdit edit = content;
    return edit == null
        ? deletion(conversation(), seq, actor(), now)
        : new Edit(conversation(), seq, actor(), edit, now, keepsVersion);
  }

  /**
   * @param now the message as it is
   * @return false if it had an answer before
   */
  public boolean acknowledge(Message now) {
    ChangeAck ack = new ChangeAck(conversation(), seq, now.rev(), now.editedAt());
    return answer(() -> {}, () -> result.complete(ack));
  }
}
