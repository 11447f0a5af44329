package chat.engine;

import java.util.List;

/**
 * A page of a conversation.
 *
 * @param messages ascending by seq, without gap
 * @param hasMore whether there are more in the direction that was asked for
 */
public record MessagePage(List<Message> messages, boolean hasMore) {
  public MessagePage {
    messages = List.copyOf(messages);
  }
}
