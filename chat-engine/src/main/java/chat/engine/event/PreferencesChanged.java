package chat.engine.event;

import chat.engine.ConversationId;
import chat.engine.Preferences;

/**
 * The user of this session changed how they see a conversation, with another session or none. Of
 * several the one with the highest version holds; one with a lower version than is known is void.
 */
public record PreferencesChanged(ConversationId conversation, Preferences preferences)
    implements ChatEvent {}
