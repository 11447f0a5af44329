package chat.engine.spi;

import chat.engine.Message;

/**
 * A message with the membership that it was committed under. Immutable.
 *
 * @param membersRev the rev of the conversation when the message was committed: it may be shown to
 *     those who were members at this rev, and to nobody else
 */
public record StoredMessage(Message message, long membersRev) {}
