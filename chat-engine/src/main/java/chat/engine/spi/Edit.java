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
 */
public record Edit(
    ConversationId conversation, long seq, UserId actor, MessageEdit content, Instant at)
    implements Write {}
