package chat.engine;

import java.time.Instant;

/**
 * The answer to a send: the message is committed.
 *
 * @param duplicate whether it had been stored before, by an earlier attempt with the same client
 *     message id; then all the rest describes that first one
 */
public record SendAck(
    MessageId messageId,
    ConversationId conversation,
    long seq,
    Instant createdAt,
    boolean duplicate) {}
