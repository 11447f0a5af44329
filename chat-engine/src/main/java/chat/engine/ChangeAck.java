package chat.engine;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The answer to an edit or a deletion: the message is in the state that was asked for, and that is
 * committed.
 *
 * @param rev of the change that brought the message into this state, by this call or before; 0 for
 *     an edit to what the message has said all along
 * @param editedAt when the message was last edited, or null
 */
public record ChangeAck(
    ConversationId conversation, long seq, long rev, @Nullable Instant editedAt) {}
