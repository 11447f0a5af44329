package chat.engine;

/**
 * Which page of a conversation to read. A page is always ascending by seq and lies right next to
 * the given seq, or around it. It ends early, with {@link MessagePage#hasMore()}, where its
 * messages would take more than 256 KiB, but has at least one message if there is any. (This counts
 * the bytes of UTF-8, as in JSON, and 256 more per message.)
 *
 * @param direction which side of the seq
 * @param seq exclusive before and after it; a page around it has its message, if there is one
 * @param limit 1 to {@link #MAX_LIMIT}: the most messages
 */
public record HistoryQuery(Direction direction, long seq, int limit) {
  public static final int DEFAULT_LIMIT = 50;
  public static final int MAX_LIMIT = 100;

  /**
   * Before: the newest messages below the seq. After: the oldest above it. Around: its message, and
   * those nearest to it on both sides, as many below as above; where one side has fewer, more of
   * the other.
   */
  public enum Direction {
    BEFORE,
    AFTER,
    AROUND
  }

  /**
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST} if the seq is negative or the limit
   *     out of range
   */
  public HistoryQuery {
    if (seq < 0) {
      throw ChatException.badRequest("a seq is never negative, but this is " + seq);
    }
    if (limit < 1 || limit > MAX_LIMIT) {
      throw ChatException.badRequest("limit must be 1 to " + MAX_LIMIT + ", not " + limit);
    }
  }

  public static HistoryQuery newest() {
    return before(Long.MAX_VALUE);
  }

  public static HistoryQuery before(long seq) {
    return new HistoryQuery(Direction.BEFORE, seq, DEFAULT_LIMIT);
  }

  public static HistoryQuery after(long seq) {
    return new HistoryQuery(Direction.AFTER, seq, DEFAULT_LIMIT);
  }

  /**
   * To show a message in its place. Reading beyond the last message fails with {@link
   * ErrorCode#BAD_REQUEST}.
   */
  public static HistoryQuery around(long seq) {
    return new HistoryQuery(Direction.AROUND, seq, DEFAULT_LIMIT);
  }

  public HistoryQuery limit(int messages) {
    return new HistoryQuery(direction, seq, messages);
  }
}
