package chat.engine.event;

import chat.engine.ConversationId;
import chat.engine.UserId;

/**
 * A member started or stopped typing, or goes on typing, which is reported at most once in 3 s. The
 * engine reports off 6 s after the last sign of typing, also if the member left or their node died,
 * and when they send a message.
 *
 * <p>A message of the member in the conversation is itself the end: hide the typing when it arrives
 * and do not wait for the off, which comes at about the same time but may be dropped under
 * pressure, like all such events. The next on is reported at once.
 */
public record TypingChanged(ConversationId conversation, UserId user, boolean on)
    implements ChatEvent {
  @Override
  public boolean ephemeral() {
    return true;
  }
}
