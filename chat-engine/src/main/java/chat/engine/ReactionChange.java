package chat.engine;

/**
 * A user reacted to a message, or took a reaction back. Immutable.
 *
 * @param seq of the message
 * @param on false if it was taken back
 * @param count how many users react with this emoji after it, or, if this was read from the log
 *     later, when it was read
 */
public record ReactionChange(long seq, Emoji emoji, boolean on, long count) {}
