package chat.engine.event;

/** Something that happened, as a session receives it; see {@link chat.engine.ChatListener}. */
public sealed interface ChatEvent
    permits MessageReceived,
        ReceiptMoved,
        TypingChanged,
        PresenceChanged,
        ConversationChanged,
        MessageChanged,
        ReactionChanged,
        PreferencesChanged,
        PrivacyChanged,
        Resync,
        SessionEnded {
  /**
   * Whether it may be dropped first under pressure, because nothing that is stored depends on it.
   */
  default boolean ephemeral() {
    return false;
  }
}
