package chat.engine;

/**
 * Names one message: a Sonyflake id, 63 bits, unique in the cluster and sortable by time to 10 ms.
 * It names, it does not order: within a conversation the order is the {@linkplain Message#seq()
 * seq}. Immutable. In text it is a decimal number; hand it to JavaScript as a string.
 */
public record MessageId(long value) implements Comparable<MessageId> {
  /**
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST} if the value is not positive
   */
  public MessageId {
    if (value <= 0) {
      throw ChatException.badRequest("message id must be a positive number, not " + value);
    }
  }

  public static MessageId of(long value) {
    return new MessageId(value);
  }

  /**
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST} if the text is not a positive decimal
   *     number
   */
  public static MessageId parse(String text) {
    return new MessageId(TextRules.parseId("message id", text));
  }

  @Override
  public int compareTo(MessageId other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
