package chat.engine.event;

import chat.engine.ConversationId;
import chat.engine.Preferences;

/**
 * The user of this session changed how they see a conversation, through another session or without
 * one. Of several, the one with the highest version holds; ignore a version lower than the known
 * one.
 */
public record PreferencesChanged(ConversationId conversation, Preferences preferences)
    implements ChatEvent {}
