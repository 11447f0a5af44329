package chat.engine;

/**
 * Names one device of a user across its reconnects: 1 to 64 characters without control characters.
 * A user may have several devices connected, and one device several sessions. Immutable.
 */
public record DeviceId(String value) {
  /** The most characters (UTF-16 code units) of an id. */
  public static final int MAX_LENGTH = 64;

  /**
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST} as {@link UserId#of}
   */
  public DeviceId {
    TextRules.requireName("device id", value, MAX_LENGTH);
  }

  public static DeviceId of(String value) {
    return new DeviceId(value);
  }

  @Override
  public String toString() {
    return value;
  }
}
