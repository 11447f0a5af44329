package chat.engine.protocol;

import chat.engine.ConversationId;
import chat.engine.Preferences;
import chat.engine.event.PreferencesChanged;
import tools.jackson.databind.node.ObjectNode;

/** Preferences as JSON of the protocol. Stateless. */
public final class PreferencesJson {
  private PreferencesJson() {}

  static ObjectNode event(PreferencesChanged changed) {
    return of(WireJson.typed("preferences"), changed.conversation(), changed.preferences());
  }

  /** With the conversation that they are about, as in events and answers. */
  public static ObjectNode of(
      ObjectNode into, ConversationId conversation, Preferences preferences) {
    return write(into.put("conversation_id", conversation.toString()), preferences);
  }

  /** What is not set is null, so that a client can take the object as it is. */
  static ObjectNode write(ObjectNode into, Preferences preferences) {
    if (preferences.mutedUntil() == null) {
      into.putNull("muted_until");
    } else {
      into.put("muted_until", JsonObjects.time(preferences.mutedUntil()));
    }
    return into.put("archived", preferences.archived())
        .put("archived_at_seq", preferences.archivedAtSeq())
        .put("pinned", preferences.pinned())
        .put("unread_from", preferences.unreadFrom())
        .put("version", preferences.version());
  }
}
