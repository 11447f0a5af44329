package chat.engine;

/** What members of a group may read of the time before they joined it. */
public enum HistoryAccess {
  /** Everything. */
  ALL,
  /**
   * Nothing: they read the messages that were sent after their membership began ({@link
   * Member#joinedSeq}). Those who founded the group read everything.
   */
  JOINED
}
