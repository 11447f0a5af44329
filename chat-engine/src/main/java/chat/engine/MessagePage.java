package chat.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of a conversation.
 *
 * @param messages ascending by seq, without gap
 * @param hasMore whether there are more in the direction that was asked for, around a seq on either
 *     side: what tells that the end is reached, since a page of long messages has fewer than the
 *     query's limit
 * @param sides where there are more, of a page around a seq; null for one before or after a seq
 */
public record MessagePage(List<Message> messages, boolean hasMore, @Nullable Sides sides) {
  /**
   * On which sides of a page there are more messages.
   *
   * @param before whether there are some below the first message of the page
   * @param after whether there were some above the last one when the page was read
   */
  public record Sides(boolean before, boolean after) {}

  public MessagePage {
    messages = List.copyOf(messages);
  }

  /** The same page with other states of its messages. */
  public MessagePage withMessages(List<Message> others) {
    return new MessagePage(others, hasMore, sides);
  }

  /** A page before or after a seq. */
  public MessagePage(List<Message> messages, boolean hasMore) {
    this(messages, hasMore, null);
  }

  /** A page around a seq. */
  public MessagePage(List<Message> messages, Sides sides) {
    this(messages, sides.before() || sides.after(), sides);
  }
}
