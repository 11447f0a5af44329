package chat.engine;

/**
 * Names a file that the application keeps; opaque to the engine, which stores and shows it with the
 * messages that it is attached to. 1 to 64 characters of {@code A-Z}, {@code a-z}, {@code 0-9},
 * {@code _} and {@code -}. Immutable.
 */
public record FileId(String value) {
  /** The most characters of an id. */
  public static final int MAX_LENGTH = 64;

  /**
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST} if this is no id
   */
  public FileId {
    TextRules.requireLength("file id", value, MAX_LENGTH);
    for (int i = 0; i < value.length(); i++) {
      if (!isAllowed(value.charAt(i))) {
        throw ChatException.badRequest("file id must have only A-Z, a-z, 0-9, _ and -");
      }
    }
  }

  private static boolean isAllowed(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '_'
        || c == '-';
  }

  public static FileId of(String value) {
    return new FileId(value);
  }

  @Override
  public String toString() {
    return value;
  }
}
