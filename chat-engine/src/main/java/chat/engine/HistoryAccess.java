package chat.engine;

/** What members of a group may read from the time before they joined it. */
public enum HistoryAccess {
  /** Everything. */
  ALL,
  /**
   * Nothing: they read only messages that were sent after their membership began ({@link
   * Member#joinedSeq}). Founders of the group read everything.
   */
  JOINED
}
