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
    MESSAGE_REACTED,
    UPDATED,
    BANNED,
    UNBANNED,
    SILENCED;

    /** Whether it changed a message, and not the conversation. */
    public boolean isOfMessage() {
      return this == MESSAGE_EDITED || this == MESSAGE_DELETED || this == MESSAGE_REACTED;
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
   * @param reactions for example {@code A=2;B=1}; {@code -} for none
   */
  record State(long conversation, long seq, long rev, String content, String reactions)
      implements Fact {}

  /** Whom a message mentions at the end; only of messages that mention somebody. */
  record Mentions(long conversation, long seq, List<String> users) implements Fact {}

  /**
   * A reaction.
   *
   * @param rev of its last change
   * @param active false if it was taken back
   */
  record Reaction(long conversation, long seq, String user, String emoji, long rev, boolean active)
      implements Fact {}

  /** How a member sees a conversation; as {@link Event.PreferencesTold}. */
  record Preferences(
      long conversation,
      String user,
      long version,
      long mutedUntil,
      long archivedAtSeq,
      boolean pinned,
      long unreadFrom)
      implements Fact {}

  /** Somebody may not become a member, for always. */
  record Ban(long conversation, String user) implements Fact {}

  /**
   * A user has blocked another.
   *
   * @param conversation 0
   */
  record Block(long conversation, String user, String other) implements Fact {}

  record Change(long conversation, long rev, long atSeq, Kind kind, List<String> subjects)
      implements Fact {}
}
