package chat.engine;

/**
 * The answer to a reaction: the user reacts, or does not react, as was asked for, and that is
 * committed.
 *
 * @param rev of the change that brought the reaction into this state, by this call or before; 0 if
 *     it has been so all along
 * @param count how many users react with the emoji
 */
public record ReactionAck(ConversationId conversation, long seq, long rev, long count) {}
