package chat.engine;

/**
 * What a device knows of a conversation when it syncs. The answer leaves the conversation out only
 * if all of these are as they stand now; an {@link #UNKNOWN} rev or readSeq never is.
 *
 * @param seq of the last message that the device has, 0 for none
 * @param rev as in {@link ConversationState#rev}, or of a later {@link ConversationChange} if the
 *     device has all changes before it. What changed since, of messages up to {@code seq}, is told;
 *     with an {@link #UNKNOWN} rev it is not
 * @param readSeq how far its user has read, as far as it knows
 * @param preferences the version of the {@link Preferences} that it has; {@link #UNKNOWN} tells
 *     them wherever any were set
 */
public record SyncCursor(long seq, long rev, long readSeq, long preferences) {
  public static final long UNKNOWN = -1;

  /** Knows no preferences. */
  public SyncCursor(long seq, long rev, long readSeq) {
    this(seq, rev, readSeq, UNKNOWN);
  }

  /** Knows the messages only. */
  public static SyncCursor at(long seq) {
    return new SyncCursor(seq, UNKNOWN, UNKNOWN);
  }
}
