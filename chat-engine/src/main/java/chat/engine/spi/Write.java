package chat.engine.spi;

import chat.engine.ConversationId;

/** Something to write into a conversation. Everything in it was validated by the engine. */
public sealed interface Write permits Draft, Edit, Deletion, Reaction, Pin, Reattribution {
  ConversationId conversation();
}
