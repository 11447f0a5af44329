package chat.engine.postgres.message;

import chat.engine.ClientMessageId;
import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.spi.Draft;

/** What makes a message the same message when it is sent again. */
record MessageKey(ConversationId conversation, UserId sender, ClientMessageId clientMessageId) {
  static MessageKey of(Draft draft) {
    return new MessageKey(draft.conversation(), draft.sender(), draft.clientMessageId());
  }
}
