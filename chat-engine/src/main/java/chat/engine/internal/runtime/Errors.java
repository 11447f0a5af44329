package chat.engine.internal.runtime;

import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.spi.RouterUnavailableException;
import chat.engine.spi.StoreBusyException;
import chat.engine.spi.StoreInDoubtException;
import chat.engine.spi.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns what the SPIs throw into what the API promises. */
public final class Errors {
  private static final Duration BUSY_RETRY = Duration.ofSeconds(1);
  private static final Logger log = LoggerFactory.getLogger(Errors.class);

  private Errors() {}

  /** What failed, without what a future wraps around it. */
  public static Throwable cause(Throwable fault) {
    return (fault instanceof CompletionException || fault instanceof ExecutionException)
            && fault.getCause() != null
        ? fault.getCause()
        : fault;
  }

  public static ChatException toChatException(Throwable fault) {
    Throwable root = cause(fault);
    if (root instanceof ChatException chat) {
      return chat;
    }
    if (root instanceof StoreUnavailableException) {
      return ChatException.unavailable("the store cannot be reached", root);
    }
    if (root instanceof StoreBusyException) {
      return ChatException.busy("the store is busy: " + root.getMessage(), BUSY_RETRY);
    }
    if (root instanceof StoreInDoubtException) {
      return ChatException.inDoubt("the connection to the store broke while committing", root);
    }
    if (root instanceof RouterUnavailableException) {
      return ChatException.unavailable("the router cannot be reached", root);
    }
    log.error("a call of the engine failed", root);
    return ChatException.internal("the engine failed; see its log", root);
  }

  // ---- sentences that several calls answer with, so that they are the same everywhere

  /** For a conversation that does not exist and for one that is not the caller's alike. */
  public static ChatException noSuchConversation(ConversationId conversation) {
    return ChatException.notFound("there is no conversation " + conversation + " of this user");
  }

  /** For a message that the caller cannot read, for any reason. */
  public static ChatException noSuchOriginal() {
    return ChatException.notFound(
        "forward_of must name a message that you can read and that was not deleted");
  }

  /** For a member who may read but not write. */
  public static ChatException silenced(ConversationId conversation, Instant until) {
    return ChatException.forbidden(
        "you may not write in conversation " + conversation + " until " + until);
  }

  /**
   * @param byCaller whether it is the caller who blocked; the other one is not told of the block
   */
  public static ChatException blocked(boolean byCaller) {
    return ChatException.forbidden(
        byCaller
            ? "you have blocked this user: unblock them first"
            : "this user cannot be written to");
  }

  public static ChatException closing() {
    return ChatException.unavailable("this node is closing", null);
  }

  public static ChatException sessionClosed() {
    return ChatException.unavailable("this session is closed", null);
  }
}
