package chat.engine;

import org.jspecify.annotations.Nullable;

/**
 * Names one conversation, direct or group: a positive 63-bit number given by the engine. Immutable.
 * In text it is a decimal number; hand it to JavaScript as a string.
 */
public record ConversationId(long value) implements Comparable<ConversationId> {
  /**
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST} if the value is not positive
   */
  public ConversationId {
    if (value <= 0) {
      throw ChatException.badRequest("conversation id must be a positive number, not " + value);
    }
  }

  public static ConversationId of(long value) {
    return new ConversationId(value);
  }

  /**
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST} if the text is not a positive decimal
   *     number
   */
  public static ConversationId parse(String text) {
    return new ConversationId(TextRules.parseId("conversation id", text));
  }

  @Override
  public int compareTo(ConversationId other) {
    return Long.compare(value, other.value);
  }

  // Written out, because the generated methods of a record are slower and sends compare ids a lot.

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ConversationId that && value == that.value;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
