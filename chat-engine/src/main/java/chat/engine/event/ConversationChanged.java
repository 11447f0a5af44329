package chat.engine.event;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import org.jspecify.annotations.Nullable;

/**
 * A conversation of the user was created or changed. It comes in its place among the messages of
 * the conversation: a member who is added gets it before the first message, a member who is removed
 * gets it last. The last change of a deleted conversation is {@link
 * ConversationChange.Kind#DELETED}.
 *
 * @param conversation as it is after the change; where it was deleted, as it was before
 * @param change null where the conversation was just created
 */
public record ConversationChanged(Conversation conversation, @Nullable ConversationChange change)
    implements ChatEvent {}
