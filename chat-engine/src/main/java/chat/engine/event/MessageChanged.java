package chat.engine.event;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.Message;

/**
 * A message was edited or deleted. Comes after the message itself; each change of a conversation
 * comes once, in the order of the revs. What changed while a session was away is in the answer to
 * its sync.
 *
 * @param message as it is now; if its rev is higher than that of the change, more changes follow
 * @param change {@link ConversationChange.Kind#MESSAGE_EDITED} or {@link
 *     ConversationChange.Kind#MESSAGE_DELETED}
 */
public record MessageChanged(Conversation conversation, Message message, ConversationChange change)
    implements ChatEvent {}
