package chat.engine.spi;

import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.UserId;
import java.time.Instant;

/**
 * A member is to react to a message with an emoji, or not to react any more. Every member may do
 * that with every message that was not deleted, up to {@link
 * chat.engine.UserReactions#MAX_PER_USER} emoji for each message, and up to {@link
 * chat.engine.ReactionCount#MAX_PER_MESSAGE} of all members together.
 *
 * @param at in whole milliseconds
 */
public record Reaction(
    ConversationId conversation, long seq, UserId actor, Emoji emoji, boolean on, Instant at)
    implements Write {}
