package chat.engine.event;

import chat.engine.Experimental;
import chat.engine.Privacy;

/**
 * The user of this session changed their privacy settings, through another session or without one.
 * Of several, the one with the highest version holds.
 */
@Experimental
public record PrivacyChanged(Privacy privacy) implements ChatEvent {}
