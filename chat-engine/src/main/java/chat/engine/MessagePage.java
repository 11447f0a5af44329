package chat.engine;

import java.util.List;

/**
 * A page of a conversation.
 *
 * @param messages ascending by seq, without gap
 * @param hasMore whether there are more in the direction that was asked for: what tells that the
 *     end is reached, since a page of long messages has fewer than the query's limit
 */
public record MessagePage(List<Message> messages, boolean hasMore) {
  public MessagePage {
    messages = List.copyOf(messages);
  }
}
