package chat.engine.feed;

import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.Experimental;
import chat.engine.Message;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What happened in one conversation, in its order: a piece of at most 1,024 messages and 256
 * changes. Immutable.
 *
 * @param conversation as it is now; null if it was deleted meanwhile
 * @param entries at least one
 * @param attempt how often these entries were given to the consumer on this node, this time
 *     included; at least 1. Another node, and this one after a restart, starts from 1 again
 */
@Experimental
public record FeedBatch(
    ConversationId conversationId,
    @Nullable Conversation conversation,
    List<FeedEntry> entries,
    int attempt) {
  public FeedBatch {
    entries = List.copyOf(entries);
  }

  /** The messages among the entries, in their order. */
  public List<Message> messages() {
    return entries.stream()
        .filter(FeedEntry.Sent.class::isInstance)
        .map(entry -> ((FeedEntry.Sent) entry).message())
        .toList();
  }
}
