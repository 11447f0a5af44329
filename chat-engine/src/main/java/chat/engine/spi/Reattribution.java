package chat.engine.spi;

import chat.engine.ConversationId;
import chat.engine.UserId;
import java.time.Instant;

/**
 * A message is to name another user: as its author, among those whom it mentions, and, if the user
 * is erased, not among those who react. A user who is erased leaves nothing of what they wrote in
 * it. The system does that; it is a change of the message as an edit or a deletion is, though the
 * message does not count as edited.
 *
 * @param erases whether the user is erased, not renamed. The mention and the reactions go then
 * @param at in whole milliseconds
 */
public record Reattribution(
    ConversationId conversation,
    long seq,
    UserId user,
    UserId replacement,
    boolean erases,
    Instant at)
    implements Write {}
