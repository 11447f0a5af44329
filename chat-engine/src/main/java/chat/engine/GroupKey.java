package chat.engine;

/**
 * The application's own name for a group, such as "project:42": an opaque name of 1 to 255
 * characters without control characters. There is only one group per key, however often and on
 * however many nodes it is asked for. Keys of the application and of each user are separate, so
 * none can take another's. Immutable.
 */
public record GroupKey(String value) {
  /** The most characters (UTF-16 code units) of a key. */
  public static final int MAX_LENGTH = 255;

  /**
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST} if the value is empty, too long, or
   *     holds a control character or half a surrogate pair
   */
  public GroupKey {
    TextRules.requireName("group key", value, MAX_LENGTH);
  }

  public static GroupKey of(String value) {
    return new GroupKey(value);
  }

  /**
   * A key that the client of a user chose for a group that it creates: 1 to {@link
   * ClientMessageId#MAX_LENGTH} characters, under the rules of a client message id.
   *
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST}
   */
  public static GroupKey ofClient(String clientGroupId) {
    return of(TextRules.requireName("client_group_id", clientGroupId, ClientMessageId.MAX_LENGTH));
  }

  @Override
  public String toString() {
    return value;
  }
}
