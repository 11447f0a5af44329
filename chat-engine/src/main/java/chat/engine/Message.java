package chat.engine;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A committed message. Immutable.
 *
 * @param seq its place in the conversation: the first message has 1, and there are no gaps
 * @param from who sent it; {@link UserId#SYSTEM} for a system message
 * @param replyTo seq of the message that it answers, or null
 * @param attributes what the sender attached, opaque to the engine, or null
 * @param createdAt when the engine took it in, by the clock of the node, in milliseconds; the order
 *     is the seq's
 */
public record Message(
    ConversationId conversation,
    MessageId id,
    long seq,
    UserId from,
    ClientMessageId clientMessageId,
    String text,
    @Nullable Long replyTo,
    List<UserId> mentions,
    @Nullable String attributes,
    Instant createdAt) {
  public Message {
    mentions = List.copyOf(mentions);
  }
}
