package chat.engine.event;

import chat.engine.Conversation;
import chat.engine.ConversationChange;

/**
 * A member reacted to a message, or took a reaction back. Comes after the message itself, and in
 * one order with the other changes of the conversation, by rev. The session that reacted gets the
 * acknowledgement instead. What changed while a session was away is in the answer to its sync.
 *
 * @param change {@link ConversationChange.Kind#MESSAGE_REACTED}, by its actor; its reaction is null
 *     where a later change of the same reaction, or the deletion of the message, has taken its
 *     place: such a change is not shown to listeners
 */
public record ReactionChanged(Conversation conversation, ConversationChange change)
    implements ChatEvent {}
