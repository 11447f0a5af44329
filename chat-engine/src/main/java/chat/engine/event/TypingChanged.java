package chat.engine.event;

import chat.engine.ConversationId;
import chat.engine.UserId;

/**
 * A member began or ceased to type; or types on, which is repeated about every 3 s. The engine
 * reports off when the member falls silent, leaves, or their node dies.
 */
public record TypingChanged(ConversationId conversation, UserId user, boolean on)
    implements ChatEvent {
  @Override
  public boolean ephemeral() {
    return true;
  }
}
