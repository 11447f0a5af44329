package chat.engine.feed;

import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.Experimental;
import chat.engine.Message;

/** One thing that was committed. */
@Experimental
public sealed interface FeedEntry {
  /**
   * Names the entry: the same each time it is delivered; no other entry has it. For {@link Sent}
   * the conversation, {@code m} and the seq, for {@link Changed} the conversation, {@code c} and
   * the rev, with colons between.
   */
  String id();

  /**
   * A message was sent.
   *
   * @param message as it is now, so it may be edited or deleted already
   */
  record Sent(Message message) implements FeedEntry {
    @Override
    public String id() {
      return message.conversation() + ":m:" + message.seq();
    }
  }

  /**
   * The conversation was changed, or one of its messages.
   *
   * @param change as its log has it now; a message in it is as it is now
   */
  record Changed(ConversationChange change) implements FeedEntry {
    @Override
    public String id() {
      ConversationId conversation = change.conversation();
      return conversation + ":c:" + change.rev();
    }
  }
}
