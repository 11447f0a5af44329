package chat.engine.spi;

import chat.engine.ConversationId;
import chat.engine.MessageEdit;
import chat.engine.UserId;
import java.time.Instant;

/**
 * Changes the content of a message. The author may do that while they are a member, and the system
 * with every message.
 *
 * @param at in whole milliseconds
 * @param keepsVersion whether to keep the earlier content among its {@linkplain
 *     MessageStore#versions versions}
 */
public record Edit(
    ConversationId conversation,
    long seq,
    UserId actor,
    MessageEdit content,
    Instant at,
    boolean keepsVersion)
    implements Write {
  /** An edit that keeps nothing of the earlier content. */
  public Edit(
      ConversationId conversation, long seq, UserId actor, MessageEdit content, Instant at) {
    this(conversation, seq, actor, content, at, false);
  }
}
