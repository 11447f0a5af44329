package chat.engine.examples.faultcheck.history;

import java.util.List;

/** Something that the database held when the run was over. Immutable. */
public sealed interface Fact extends Line {
  long conversation();

  /** What happened to a group. */
  enum Kind {
    ADDED,
    REMOVED,
    ROLE_SET,
    RENAMED,
    ATTRIBUTES_SET,
    /** Of a conversation that is deleted, this change is all that is left. */
    DELETED,
    MESSAGE_EDITED,
    MESSAGE_DELETED,
    UPDATED,
    BANNED,
    UNBANNED,
    SILENCED;

    /** Whether it changed a message, and not the conversation. */
    public boolean isOfMessage() {
      return this == MESSAGE_EDITED || this == MESSAGE_DELETED;
    }
  }

  /**
   * @param name with the attributes behind it, if there are any
   */
  record Conversation(long conversation, boolean group, String name, long lastSeq, long rev)
      implements Fact {}

  record Member(long conversation, String user, String role, long readSeq, long receivedSeq)
      implements Fact {}

  /**
   * @param membersRev the rev of the membership it was committed under; -1 where the schema does
   *     not tell
   */
  record Message(
      long conversation, long seq, long id, String from, String clientId, long membersRev)
      implements Fact {}

  /**
   * How a message was at the end.
   *
   * @param rev of its last change; 0 if there was none
   * @param content {@code -} if it was deleted
   */
  record State(long conversation, long seq, long rev, String content) implements Fact {}

  record Change(long conversation, long rev, long atSeq, Kind kind, List<String> subjects)
      implements Fact {}
}
