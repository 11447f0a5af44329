package chat.engine;

/**
 * What the embedding application calls its user: an opaque name of 1 to 255 characters without
 * control characters. Two ids are the same user exactly when their values are equal, character for
 * character; nothing is trimmed or folded. Immutable.
 *
 * <p>{@link #SYSTEM} is the sender of messages that no user wrote; it can neither connect nor be a
 * member.
 */
public final class UserId implements Comparable<UserId> {
  /** The most characters (UTF-16 code units) of an id. */
  public static final int MAX_LENGTH = 255;

  /** The sender of system messages. Its value is empty, which no user's can be. */
  public static final UserId SYSTEM = new UserId("");

  private final String value;

  private UserId(String value) {
    this.value = value;
  }

  /**
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST} if the value is empty, too long, or
   *     holds a control character or half a surrogate pair
   */
  public static UserId of(String value) {
    return new UserId(TextRules.requireName("user id", value, MAX_LENGTH));
  }

  /** For stores: the user of this value, or {@link #SYSTEM} where it is empty. */
  public static UserId fromStored(String value) {
    return value.isEmpty() ? SYSTEM : of(value);
  }

  public String value() {
    return value;
  }

  public boolean isSystem() {
    return value.isEmpty();
  }

  @Override
  public int compareTo(UserId other) {
    return value.compareTo(other.value);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof UserId that && value.equals(that.value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return isSystem() ? "(system)" : value;
  }
}
