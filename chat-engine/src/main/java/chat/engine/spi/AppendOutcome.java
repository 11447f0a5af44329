package chat.engine.spi;

import chat.engine.Message;

/** What became of one draft of a batch. */
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

  /** The sender is no member. */
  record NotMember() implements AppendOutcome {}

  /** The conversation has no message {@link Draft#replyTo} yet. */
  record NoSuchMessage() implements AppendOutcome {}

  /**
   * Another transaction holds the conversation; nothing is known about this draft but that it was
   * not stored now.
   */
  record Locked() implements AppendOutcome {}
}
