package chat.engine;

import org.jspecify.annotations.Nullable;

/**
 * Which message a forwarded message was taken from, as far as its reader may know. Immutable.
 *
 * @param conversation null if the reader is in no conversation that has the original, or is not
 *     known to be
 * @param seq of the original in its conversation; 0 if the conversation is null
 */
public record ForwardOf(@Nullable ConversationId conversation, long seq) {
  /** Of a message that the reader cannot find. */
  public static final ForwardOf ELSEWHERE = new ForwardOf(null, 0);

  public ForwardOf {
    if ((conversation == null) != (seq == 0) || seq < 0) {
      throw ChatException.badRequest("forward_of must name the seq of a message, not " + seq);
    }
  }

  /**
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST} if the seq is below 1
   */
  public static ForwardOf of(ConversationId conversation, long seq) {
    return new ForwardOf(conversation, seq);
  }

  /** Whether it says where the original is. */
  public boolean isKnown() {
    return conversation != null;
  }
}
