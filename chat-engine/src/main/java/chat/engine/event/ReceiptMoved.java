package chat.engine.event;

import chat.engine.ConversationId;
import chat.engine.ReceiptKind;
import chat.engine.UserId;

/** A member has received or read all messages up to the seq. Only ever moves forward. */
public record ReceiptMoved(ConversationId conversation, UserId user, ReceiptKind kind, long seq)
    implements ChatEvent {
  @Override
  public boolean ephemeral() {
    return true;
  }
}
