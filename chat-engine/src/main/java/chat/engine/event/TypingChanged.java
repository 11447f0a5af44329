package chat.engine.event;

import chat.engine.ConversationId;
import chat.engine.UserId;

/**
 * A member began or ceased to type; or types on, which is reported once in 3 s at most. The engine
 * reports off 6 s after the member fell silent, left or lost their node, and when they send a
 * message.
 *
 * <p>A message of the member in the conversation is itself the end: hide the typing when it arrives
 * and do not wait for the off, which comes about the same time but is dropped under pressure as all
 * such events are. The next on is reported at once.
 */
public record TypingChanged(ConversationId conversation, UserId user, boolean on)
    implements ChatEvent {
  @Override
  public boolean ephemeral() {
    return true;
  }
}
