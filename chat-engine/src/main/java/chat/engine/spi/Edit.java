package chat.engine.spi;

import chat.engine.ConversationId;
import chat.engine.MessageEdit;
import chat.engine.UserId;
import java.time.Instant;

/**
 * A message is to say something else. Its author may do that as long as they are a member, and the
 * system with every message.
 *
 * @param at in whole milliseconds
 * @param keepsVersion whether what the message says until then is to stay among its {@linkplain
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
  /** An edit that leaves nothing of what the message says until then. */
  public Edit(
      ConversationId conversation, long seq, UserId actor, MessageEdit content, Instant at) {
    this(conversation, seq, actor, content, at, false);
  }
}
