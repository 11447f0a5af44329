package chat.engine.internal.conversation;

import chat.engine.Conversation;
import chat.engine.Message;

/**
 * A message that is in the store.
 *
 * @param membersRev the rev of the membership that it was committed under
 */
public record CommittedMessage(Conversation conversation, Message message, long membersRev) {}
