package chat.engine.event;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import org.jspecify.annotations.Nullable;

/**
 * A conversation of the user came to be or changed. In its place among the messages of the
 * conversation: one who is added gets this before the first message, one who is removed gets it
 * last. A conversation that was deleted tells so with its last change, {@link
 * ConversationChange.Kind#DELETED}.
 *
 * @param conversation as it is after the change; where it was deleted, as it was before
 * @param change null where the conversation was just created
 */
public record ConversationChanged(Conversation conversation, @Nullable ConversationChange change)
    implements ChatEvent {}
