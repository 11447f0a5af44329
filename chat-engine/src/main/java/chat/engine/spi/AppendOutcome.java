package chat.engine.spi;

import chat.engine.ConversationChange;
import chat.engine.Message;

/** What became of one write of a batch. */
public sealed interface AppendOutcome {

  /**
   * Committed as a new message.
   *
   * @param membersRev rev of the conversation's membership at its commit: who is a member then may
   *     see it
   */
  record Stored(long seq, long membersRev) implements AppendOutcome {}

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
   * The conversation has no message {@link Draft#replyTo} yet, or none of the seq that is to be
   * edited or deleted.
   */
  record NoSuchMessage() implements AppendOutcome {}

  /**
   * An edit or a deletion was committed.
   *
   * @param change with the message as it is after it
   */
  record Changed(ConversationChange change) implements AppendOutcome {}

  /** The message was before what the edit or the deletion wants it to be; nothing was stored. */
  record Unchanged(Message message) implements AppendOutcome {}

  /** The member may not edit or delete this message. */
  record NotAllowed() implements AppendOutcome {}

  /** The message that is to be edited was deleted. */
  record WasDeleted() implements AppendOutcome {}

  /**
   * Another transaction holds the conversation; nothing is known about this write but that it was
   * not stored now.
   */
  record Locked() implements AppendOutcome {}
}
