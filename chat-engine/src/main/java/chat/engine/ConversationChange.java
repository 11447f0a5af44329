package chat.engine;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One change of a conversation, from its log. Changes have their own gap-free numbers and a fixed
 * place among the messages. Immutable.
 *
 * @param rev its number: the group as created is 0, its first change 1
 * @param atSeq it took effect after the message of this seq and before the next
 * @param actor who did it; {@link UserId#SYSTEM} for the application
 * @param subjects whom it concerns, each once: any number of users who were added or removed at
 *     once; the two users of a direct conversation that was {@link Kind#DELETED}; otherwise empty,
 *     and it concerns all members
 * @param role the role of all subjects after {@link Kind#ADDED} and {@link Kind#ROLE_SET}, else
 *     null
 * @param name the name after {@link Kind#RENAMED}, else null
 * @param attributes those after {@link Kind#ATTRIBUTES_SET}, null if there are none any more; else
 *     null
 * @param message for {@link Kind#MESSAGE_EDITED} and {@link Kind#MESSAGE_DELETED} the message that
 *     was changed, in the state that it had when this was read: a later change may show in it
 *     already, and then its rev is higher. Else null
 * @param reaction for {@link Kind#MESSAGE_REACTED} what the actor did, or null if a later change of
 *     the same reaction, or the deletion of the message, had taken its place when this was read.
 *     Else null
 */
public record ConversationChange(
    ConversationId conversation,
    long rev,
    long atSeq,
    Kind kind,
    UserId actor,
    List<UserId> subjects,
    @Nullable Role role,
    @Nullable String name,
    @Nullable String attributes,
    @Nullable Message message,
    Instant at,
    @Nullable ReactionChange reaction) {
  public ConversationChange {
    subjects = List.copyOf(subjects);
  }

  /** A change of the conversation itself. */
  public ConversationChange(
      ConversationId conversation,
      long rev,
      long atSeq,
      Kind kind,
      UserId actor,
      List<UserId> subjects,
      @Nullable Role role,
      @Nullable String name,
      @Nullable String attributes,
      Instant at) {
    this(conversation, rev, atSeq, kind, actor, subjects, role, name, attributes, null, at, null);
  }

  /**
   * A change of a message.
   *
   * @param message as it is after it
   */
  public static ConversationChange ofMessage(
      Message message, Kind kind, long atSeq, UserId actor, Instant at) {
    return new ConversationChange(
        message.conversation(),
        message.rev(),
        atSeq,
        kind,
        actor,
        List.of(),
        null,
        null,
        null,
        message,
        at,
        null);
  }

  /**
   * A change of the reactions to a message.
   *
   * @param reaction null if something later has taken its place
   */
  public static ConversationChange ofReaction(
      ConversationId conversation,
      long rev,
      long atSeq,
      UserId actor,
      @Nullable ReactionChange reaction,
      Instant at) {
    return new ConversationChange(
        conversation,
        rev,
        atSeq,
        Kind.MESSAGE_REACTED,
        actor,
        List.of(),
        null,
        null,
        null,
        null,
        at,
        reaction);
  }

  /** The same change with a later state of its message. */
  public ConversationChange withMessage(Message now) {
    return new ConversationChange(
        conversation, rev, atSeq, kind, actor, subjects, role, name, attributes, now, at, null);
  }

  /**
   * The same change of a reaction as it is told later.
   *
   * @param now null if something later has taken its place
   */
  public ConversationChange withReaction(@Nullable ReactionChange now) {
    return ofReaction(conversation, rev, atSeq, actor, now, at);
  }

  /** A change of anything but the attributes. */
  public ConversationChange(
      ConversationId conversation,
      long rev,
      long atSeq,
      Kind kind,
      UserId actor,
      List<UserId> subjects,
      @Nullable Role role,
      @Nullable String name,
      Instant at) {
    this(conversation, rev, atSeq, kind, actor, subjects, role, name, null, at);
  }

  /** What a conversation is after this change, if it was the given one before. */
  public Conversation applyTo(Conversation before) {
    return switch (kind) {
      case RENAMED -> before.withName(Objects.requireNonNull(name));
      case ATTRIBUTES_SET -> before.withAttributes(attributes);
      case ADDED, REMOVED, ROLE_SET, DELETED, MESSAGE_EDITED, MESSAGE_DELETED, MESSAGE_REACTED ->
          before;
    };
  }

  /**
   * What happened. A member who leaves is {@link #REMOVED} by themselves. After {@link #DELETED}
   * there is no such conversation any more: all members are out of it, and nothing follows.
   */
  public enum Kind {
    ADDED,
    REMOVED,
    ROLE_SET,
    RENAMED,
    ATTRIBUTES_SET,
    DELETED,
    MESSAGE_EDITED,
    MESSAGE_DELETED,
    MESSAGE_REACTED;

    /** Whether it changes a message or its reactions, and nothing of the conversation itself. */
    public boolean isOfMessage() {
      return this == MESSAGE_EDITED || this == MESSAGE_DELETED || this == MESSAGE_REACTED;
    }
  }
}
