package chat.engine;

/**
 * The answer to a pin or an unpin: the message is pinned, or is not pinned, as was asked for, and
 * that is committed.
 *
 * @param rev of the change that made it so, by this call or before; 0 for an unpin of a message
 *     that was not pinned
 */
public record PinAck(ConversationId conversation, long seq, long rev) {}
