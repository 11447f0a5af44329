package chat.engine.examples.faultcheck.history;

import java.util.List;

/**
 * Something that a client did or saw, or that was done to the cluster. Times are microseconds since
 * the run began, by one monotonic clock. A session is named by its user and a number, such as
 * {@code u3#2}; an op is one call and its answer. Immutable.
 */
public sealed interface Event extends Line {
  long at();

  /** What a client can ask for. */
  enum Verb {
    SYNC,
    SEND,
    HISTORY,
    MEMBERS,
    ADD,
    REMOVE,
    LEAVE,
    RENAME,
    READ,
    RECEIVED,
    TYPING,
    EDIT,
    UNSEND,
    REACT,
    PREFERENCES,
    BAN,
    UNBAN,
    /** With {@code -} as its text it ends the silence. */
    SILENCE,
    /** Of the peer of a direct conversation. */
    BLOCK,
    UNBLOCK,
    /** The number is the seq of the message, as that of its answer is the rev. */
    PIN,
    UNPIN,
    /** Reads what a message said before its edits. */
    EDITS,
    /** The number is how many users may join by it; 0 for any number. */
    INVITE,
    /** The text is the id of the invite. */
    REVOKE,
    /** By the invite of which the text is the id. */
    JOIN,
    /** The number is the pace in seconds; 0 ends slow mode. */
    SLOW,
    /**
     * Made by the application; the number is for how many seconds messages are kept, 0 for always.
     */
    RETAIN,
    /** The text says what members may read: {@code joined} or {@code all}. */
    ACCESS,
    WATCH,
    /** Made by the application, not by the user. */
    ATTRIBUTES,
    /** Made by the application, not by the user. */
    DELETE,
    /**
     * Made by the application, of a user who has gone; the text is the name that replaces theirs.
     */
    ERASE,
    DIRECT,
    GROUP,
    /** A send after everything else, to see that the conversation still takes one. */
    PROBE
  }

  /** What became of a call. */
  enum Outcome {
    OK,
    /** Refused, and for certain not done. */
    REFUSED,
    /** Refused, and nobody knows whether it was done. */
    IN_DOUBT,
    /** No answer came: the connection broke, or the client lost patience. */
    LOST
  }

  /** How a client came to know of a message, a receipt or the presence of a user. */
  enum How {
    /** As an event of its stream. */
    LIVE,
    /** In an answer. */
    ANSWER
  }

  /** An event that is about one conversation. */
  sealed interface InConversation extends Event {
    /** 0 for a call that is about none. */
    long conversation();
  }

  /** An event of a session, or a call made on it. */
  sealed interface OfSession extends Event {
    String session();
  }

  /** A call, its end, or a part of its answer. */
  sealed interface OfCall extends Event {
    /** The number of the call; 0 for an event that answers none. */
    long op();
  }

  /**
   * A session began.
   *
   * @param node the incarnation that it is connected to, such as {@code n1.2}
   */
  record Opened(long at, String session, String user, String node) implements OfSession {}

  /** The client knows, or decided, that the session is over. */
  record Closed(long at, String session, String why) implements OfSession {}

  /**
   * A call begins.
   *
   * @param session empty for a call without one
   * @param number a seq, or 0; of the original if a send is a forward
   * @param subjects the users it is about; of a forward the conversation of the original
   * @param text the client message id, the name, or empty
   */
  record Called(
      long at,
      long op,
      String session,
      String user,
      Verb verb,
      long conversation,
      long number,
      List<String> subjects,
      String text)
      implements OfSession, InConversation, OfCall {}

  /**
   * A call ends.
   *
   * @param number the seq of a send, the rev of an edit or a reaction, the version of preferences;
   *     1 for a page of history behind which there is more
   * @param id the id of the message or conversation, or 0
   * @param again whether a send was answered as a duplicate
   */
  record Answered(
      long at,
      long op,
      String session,
      Outcome outcome,
      long number,
      long id,
      boolean again,
      String text)
      implements OfSession, OfCall {}

  /** A sync was answered: the stream stands where the {@link Position}s that follow say. */
  record Synced(long at, String session, long op) implements OfSession, OfCall {}

  /**
   * Where one conversation stands after a sync.
   *
   * @param unread as told in the answer; -1 for a conversation that the answer left out
   * @param mentions how many of the unread ones mention the user; -1 like unread
   */
  record Position(
      long at,
      String session,
      long op,
      long conversation,
      boolean group,
      String name,
      long seq,
      long rev,
      long readSeq,
      long unread,
      long mentions)
      implements OfSession, InConversation, OfCall {}

  /**
   * A message was told.
   *
   * @param op the call that it answers; 0 if live
   */
  record MessageTold(
      long at,
      String session,
      long op,
      How how,
      long conversation,
      long seq,
      long id,
      String from,
      String clientId)
      implements OfSession, InConversation, OfCall {}

  /**
   * The state of a message was told, with the message or after it.
   *
   * @param rev of its last change; 0 if there was none
   * @param content {@code -} if it was deleted
   * @param reactions for example {@code A=2+;B=1-} for two users who react with A, of whom the
   *     reader is one, and another one with B; with {@code ?} in place of the sign where nothing
   *     was said about the reader; {@code -} for none
   */
  record StateTold(
      long at,
      String session,
      long conversation,
      long seq,
      long rev,
      String content,
      String reactions)
      implements OfSession, InConversation {}

  /**
   * A user reacted to a message, or took that back.
   *
   * @param how {@link How#ANSWER} for what the session itself did
   * @param count how many users react with the emoji then
   */
  record ReactionTold(
      long at,
      String session,
      How how,
      long conversation,
      long seq,
      long rev,
      String emoji,
      String user,
      boolean on,
      long count)
      implements OfSession, InConversation {}

  /** A message was pinned or, if not {@code on}, unpinned, as the change with the rev. */
  record PinTold(long at, String session, long conversation, long rev, long seq, boolean on)
      implements OfSession, InConversation {}

  /**
   * All pins of a conversation.
   *
   * @param pinned the seqs, those pinned last first, as in {@code 5;3}; {@code -} for none
   */
  record PinsTold(long at, String session, long op, long conversation, String pinned)
      implements OfSession, InConversation, OfCall {}

  /**
   * A message that was told is a forward.
   *
   * @param op the call that it answers; 0 if live
   * @param origin the conversation of the original; 0 if the session was not told
   */
  record ForwardTold(
      long at, String session, long op, long conversation, long seq, long origin, long originSeq)
      implements OfSession, InConversation, OfCall {}

  /** What a message said, or says, as version with that number. */
  record VersionTold(
      long at, String session, long op, long conversation, long seq, long number, String text)
      implements OfSession, InConversation, OfCall {}

  /** The call made an invite. */
  record InviteMade(
      long at, String session, long op, long conversation, String invite, long maxUses)
      implements OfSession, InConversation, OfCall {}

  /**
   * How the user sees a conversation.
   *
   * @param op the call that it answers; 0 if live
   * @param mutedUntil in milliseconds since 1970; -1 for not
   * @param archivedAtSeq -1 if it is not archived
   * @param unreadFrom -1 for no mark
   */
  record PreferencesTold(
      long at,
      String session,
      long op,
      long conversation,
      long version,
      long mutedUntil,
      long archivedAtSeq,
      boolean pinned,
      long unreadFrom)
      implements OfSession, InConversation, OfCall {}

  /** What the client knew of the messages of a conversation above a seq is void. */
  record StatesForgotten(long at, String session, long conversation, long above)
      implements OfSession, InConversation {}

  /** A conversation was created with the user in it. */
  record CreatedTold(long at, String session, long conversation, boolean group, String name)
      implements OfSession, InConversation {}

  /** A change of a group was told. {@code name} is the group's after it. */
  record ChangeTold(
      long at,
      String session,
      long conversation,
      long rev,
      long atSeq,
      Fact.Kind kind,
      List<String> subjects,
      String name)
      implements OfSession, InConversation {}

  /**
   * The members of a conversation as of a rev; the {@link ReceiptTold}s of the op say who they are.
   */
  record RosterTold(long at, String session, long op, long conversation, long rev)
      implements OfSession, InConversation, OfCall {}

  /** How far a member has read (or received). */
  record ReceiptTold(
      long at,
      String session,
      long op,
      How how,
      long conversation,
      String user,
      boolean read,
      long seq)
      implements OfSession, InConversation, OfCall {}

  record TypingTold(long at, String session, long conversation, String user, boolean on)
      implements OfSession, InConversation {}

  record PresenceTold(long at, String session, long op, How how, String user, boolean online)
      implements OfSession, OfCall {}

  /** The stream was cut; the client has to sync. */
  record ResyncTold(long at, String session) implements OfSession {}

  /** From now on the nodes follow a feed, of which the {@link Delivered} tell. */
  record Followed(long at) implements Event {}

  /**
   * A node gave a batch of a feed to its consumer.
   *
   * @param nanos when, by a clock that the nodes share: lines of two nodes may be read in another
   *     order
   * @param entries in their order, such as {@code m3} for the message with that seq and {@code c1}
   *     for the change with that rev
   */
  record Delivered(long at, String node, long conversation, long nanos, List<String> entries)
      implements InConversation {
    public static final String MESSAGE = "m";
    public static final String CHANGE = "c";

    /** Of the messages among the entries. */
    public List<Long> seqs() {
      return entries.stream()
          .filter(entry -> entry.startsWith(MESSAGE))
          .map(entry -> Long.valueOf(entry.substring(MESSAGE.length())))
          .toList();
    }
  }

  /**
   * A server posted an event to an outgoing webhook.
   *
   * @param entry as in {@link Delivered#entries}
   * @param seq of the message that it is about, or behind which it has its place
   * @param clientId of a message; else empty
   * @param signed whether the signature is right, and of this event
   * @param taken whether the answer was a 2xx with a short body
   */
  record Posted(
      long at,
      String hook,
      long conversation,
      String entry,
      long seq,
      String clientId,
      boolean signed,
      boolean taken)
      implements InConversation {}

  /**
   * A call to whoever answers for a bot has ended.
   *
   * @param since when it began
   * @param question the client message id of the message that it is about
   * @param attempt as the call said; 0 if it did not
   * @param signed whether the signature is right, or the key
   * @param answered whether the whole answer was written
   */
  record Asked(
      long at,
      long since,
      String bot,
      String question,
      int attempt,
      boolean signed,
      boolean answered)
      implements Event {}

  /** A fault begins or ends. */
  record Faulted(long at, String name, boolean begins, String detail) implements Event {}

  /** Gauges and counters of a node, as {@code name=value}. */
  record Measured(long at, String node, List<String> values) implements Event {}

  /** A node's process ended without being told to. */
  record Died(long at, String node, int status) implements Event {}

  /**
   * All faults are over and everybody had the time to catch up: clients must know the truth now.
   */
  record Settled(long at) implements Event {}
}
