package chat.engine;

/**
 * Chosen by the sender, once per message, and sent again with every retry: (sender, conversation,
 * client message id) names one message, for ever, so a retry stores nothing new. 1 to 64 characters
 * without control characters; a random UUID serves well. Immutable.
 */
public record ClientMessageId(String value) {
  /** The most characters (UTF-16 code units) of an id. */
  public static final int MAX_LENGTH = 64;

  /**
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST} as {@link UserId#of}
   */
  public ClientMessageId {
    TextRules.requireName("client message id", value, MAX_LENGTH);
  }

  public static ClientMessageId of(String value) {
    return new ClientMessageId(value);
  }

  @Override
  public String toString() {
    return value;
  }
}
