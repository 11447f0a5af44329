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
    SILENCED,
    PINNED,
    UNPINNED,
    EXPIRED,
    RETENTION_SET,
    /** A user of a direct conversation was erased. */
    PEER_REPLACED;

    /** Whether it changed messages or pins, and not who and what the conversation is. */
    public boolean isOfMessage() {
      return switch (this) {
        case MESSAGE_EDITED,
            MESSAGE_DELETED,
            MESSAGE_REACTED,
            PINNED,
            UNPINNED,
            EXPIRED,
            RETENTION_SET ->
            true;
        default -> false;
      };
    }
  }

  /**
   * @param name with the attributes behind it, if there are any
   * @param firstSeq messages below it have expired
   */
  record Conversation(
      long conversation, boolean group, String name, long lastSeq, long rev, long firstSeq)
      implements Fact {
    /** One in which nothing has expired. */
    public Conversation(long conversation, boolean group, String name, long lastSeq, long rev) {
      this(conversation, group, name, lastSeq, rev, 1);
    }
  }

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

  /** The attributes of a message at the end; only of messages that have some. */
  record Attributes(long conversation, long seq, String text) implements Fact {}

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

  /**
   * An entry of the log.
   *
   * @param actor empty for the application
   * @param seq of the message that was changed or pinned, or from which on messages have not
   *     expired; 0 for none
   */
  record Change(
      long conversation,
      long rev,
      long atSeq,
      Kind kind,
      List<String> subjects,
      String actor,
      long seq)
      implements Fact {}

  /**
   * What an entry of the log set of a group.
   *
   * @param slowSeconds the pace of slow mode, 0 for none; -1 if it stayed
   * @param access J if members read from their joining on, A if everything; - if it stayed
   */
  record Setting(long conversation, long rev, long slowSeconds, String access) implements Fact {}

  /** A pinned message, and the rev of the change that pinned it. */
  record Pin(long conversation, long seq, long rev) implements Fact {}

  /** A message that forwards another one. */
  record Forward(long conversation, long seq, long origin, long originSeq) implements Fact {}

  /**
   * An invite that can still be used, or could lately.
   *
   * @param maxUses 0 for any number
   */
  record Invite(long conversation, String invite, long maxUses, long uses) implements Fact {}

  /** When a message was sent, in milliseconds since 1970, by the clock of the store. */
  record Sent(long conversation, long seq, long at) implements Fact {}

  /** What a message said before an edit. */
  record Version(long conversation, long seq, long number, String text) implements Fact {}

  /**
   * A place in which the name of an erased user is still found.
   *
   * @param conversation 0
   * @param where a table and its column
   */
  record Trace(long conversation, String user, String where, long rows) implements Fact {}
}
