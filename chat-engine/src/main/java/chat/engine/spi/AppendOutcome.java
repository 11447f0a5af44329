package chat.engine.spi;

import chat.engine.ConversationChange;
import chat.engine.Message;
import chat.engine.MessageEdit;
import chat.engine.ReplyPreview;
import chat.engine.UserId;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What became of one write of a batch. */
public sealed interface AppendOutcome {

  /**
   * Committed as a new message.
   *
   * @param membersRev rev of the conversation's membership at its commit: who is a member then may
   *     see it
   * @param verifies whether further sends of this sender may be verified under that rev, see {@link
   *     Draft#verifiedRev()}; false if each send has to be checked, as in slow mode
   * @param replyPreview the answered message as it was at the commit; null if it answers none
   */
  record Stored(long seq, long membersRev, boolean verifies, @Nullable ReplyPreview replyPreview)
      implements AppendOutcome {
    /** Of a message that answers none. */
    public Stored(long seq, long membersRev, boolean verifies) {
      this(seq, membersRev, verifies, null);
    }

    /** By a sender whose further sends may be verified. */
    public Stored(long seq, long membersRev, @Nullable ReplyPreview replyPreview) {
      this(seq, membersRev, true, replyPreview);
    }

    /** Of a message that answers none, by a sender whose further sends may be verified. */
    public Stored(long seq, long membersRev) {
      this(seq, membersRev, true, null);
    }

    public Stored withReplyPreview(@Nullable ReplyPreview preview) {
      return new Stored(seq, membersRev, verifies, preview);
    }
  }

  /**
   * Was stored before by the same sender under the same client message id with the same content;
   * this is that one.
   *
   * @param membersRev rev of the membership that the first was committed under
   */
  record Duplicate(Message first, long membersRev) implements AppendOutcome {}

  /** The client message id was used before with other content. */
  record Conflict() implements AppendOutcome {}

  /** The conversation does not exist. */
  record NoSuchConversation() implements AppendOutcome {}

  /** Who wants to write is no member. */
  record NotMember() implements AppendOutcome {}

  /**
   * The member may read but not write: neither send nor edit.
   *
   * @param until when that ends
   */
  record Silenced(Instant until) implements AppendOutcome {}

  /**
   * The group is in slow mode, and the last send of this member was too recent.
   *
   * @param remaining how long the member has to wait still; above zero
   */
  record TooSoon(Duration remaining) implements AppendOutcome {}

  /**
   * The conversation has no message {@link Draft#replyTo} yet, or none of the seq that is to be
   * edited, deleted, reacted to or pinned.
   */
  record NoSuchMessage() implements AppendOutcome {}

  /** The draft forwards a message that its sender cannot read. */
  record NoSuchOriginal() implements AppendOutcome {}

  /** The edit has no text, and the message no attachments. */
  record NothingLeft() implements AppendOutcome {}

  /** The message or the edit mentions a user who is no member. */
  record MentionsStranger(UserId user) implements AppendOutcome {}

  /**
   * An edit, a deletion, a reaction or a pin was committed.
   *
   * @param change with the message as it is after it, or, of a reaction or a pin, with that
   */
  record Changed(ConversationChange change) implements AppendOutcome {}

  /** The message already is what the write wants it to be; nothing was stored. */
  record Unchanged(Message message) implements AppendOutcome {}

  /**
   * The user already reacts to the message, or does not, as wanted; nothing was stored.
   *
   * @param rev of the change that made it so, 0 if it has been so all along
   * @param count how many users react with the emoji
   */
  record UnchangedReaction(long rev, long count) implements AppendOutcome {}

  /**
   * The message already is pinned, or is not, as wanted; nothing was stored.
   *
   * @param rev of the change that pinned it, 0 if it is not pinned
   */
  record UnchangedPin(long rev) implements AppendOutcome {}

  /** The member may not edit, delete or pin this message. */
  record NotAllowed() implements AppendOutcome {}

  /**
   * One of the users of a direct conversation has blocked the other.
   *
   * @param byActor whether it was the user who wants to write
   */
  record Blocked(boolean byActor) implements AppendOutcome {}

  /** The message that is to be edited, reacted to or pinned was deleted. */
  record WasDeleted() implements AppendOutcome {}

  /** The message does not have the attributes that {@link MessageEdit#onlyWhile} requires. */
  record Superseded() implements AppendOutcome {}

  /**
   * The message has as many different reactions as it can have.
   *
   * @param most how many that is
   * @param ofOneUser whether they are those of this user, not of all
   */
  record TooManyReactions(int most, boolean ofOneUser) implements AppendOutcome {}

  /**
   * The conversation has as many pinned messages as it can have.
   *
   * @param most how many that is
   */
  record TooManyPins(int most) implements AppendOutcome {}

  /**
   * Another transaction holds the conversation; all that is known about this write is that it was
   * not stored now.
   */
  record Locked() implements AppendOutcome {}
}
