package chat.engine;

import java.time.Instant;

/**
 * A place in the messages that a search goes through, newest first: behind a message, or between
 * messages where a page ended because it had taken its share of work. It stays valid whatever is
 * sent or deleted meanwhile. Its text form is opaque to clients.
 *
 * @param at when the message was sent, in whole milliseconds
 * @param messageId orders messages of the same millisecond
 */
public record SearchCursor(Instant at, long messageId) {
  /** In front of all messages. */
  public static final SearchCursor START =
      new SearchCursor(Instant.parse("9999-01-01T00:00:00Z"), 0);

  private static final int MAX_LENGTH = 40;

  /** Behind a message. */
  public static SearchCursor behind(Message message) {
    return new SearchCursor(message.createdAt(), message.id().value());
  }

  /** In front of all messages of a time, and behind those of later times. */
  public static SearchCursor upTo(Instant time) {
    return new SearchCursor(time.plusMillis(1), 0);
  }

  /** Whether a message is behind this place. */
  public boolean isBefore(Instant sentAt, long id) {
    int order = sentAt.compareTo(at);
    return order < 0 || (order == 0 && id < messageId);
  }

  /**
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST} for what {@link #toString} never gives
   */
  public static SearchCursor parse(String text) {
    int dash = text.indexOf('-');
    try {
      if (dash > 0 && text.length() <= MAX_LENGTH) {
        Instant at = Instant.ofEpochMilli(Long.parseUnsignedLong(text.substring(0, dash)));
        long id = Long.parseUnsignedLong(text.substring(dash + 1));
        if (id >= 0 && !at.isBefore(Instant.EPOCH) && !at.isAfter(START.at())) {
          SearchCursor cursor = new SearchCursor(at, id);
          if (cursor.toString().equals(text)) { // one place has one spelling
            return cursor;
          }
        }
      }
    } catch (NumberFormatException | ArithmeticException noCursor) {
      // said below
    }
    throw ChatException.badRequest("before must be the next_before of a page before");
  }

  @Override
  public String toString() {
    return at.toEpochMilli() + "-" + messageId;
  }
}
