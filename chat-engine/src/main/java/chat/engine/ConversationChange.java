package chat.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One change of a conversation, from its log. Changes have their own gap-free numbers and a fixed
 * place among the messages. Immutable.
 *
 * @param rev its number: the group as created is 0, its first change 1
 * @param atSeq it took effect after the message of this seq and before the next
 * @param actor who did it; {@link UserId#SYSTEM} for the application
 * @param subjects whom it concerns, each once: any number of users who were added or removed at
 *     once; the two users of a direct conversation that was {@link Kind#DELETED}, or whose users
 *     they are after {@link Kind#PEER_REPLACED}; otherwise empty, and it concerns all members
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
 * @param update what is different after {@link Kind#UPDATED}, else null
 * @param until the end of a {@link Kind#BANNED ban}, null for none; of a {@link Kind#SILENCED
 *     silence}, null if it was ended before its time; else null
 * @param pinSeq for {@link Kind#PINNED} and {@link Kind#UNPINNED} the seq of the message, else null
 * @param firstSeq for {@link Kind#EXPIRED} the lowest seq from which on there are messages; one
 *     above the last if there are none. Else null
 * @param retention after {@link Kind#RETENTION_SET} how long messages are kept, null for the time
 *     that the engine is set to; else null
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
    @Nullable ReactionChange reaction,
    @Nullable GroupUpdate update,
    @Nullable Instant until,
    @Nullable Long pinSeq,
    @Nullable Long firstSeq,
    @Nullable Duration retention) {
  public ConversationChange {
    subjects = List.copyOf(subjects);
  }

  /** A change of the members, the name or the attributes, or a deletion. */
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
    this(
        conversation,
        rev,
        atSeq,
        kind,
        actor,
        subjects,
        role,
        name,
        attributes,
        null,
        at,
        null,
        null,
        null,
        null,
        null,
        null);
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

  /** Begins a change with what every change has; the rest is empty unless it is set. */
  public static Builder builder(
      ConversationId conversation, long rev, long atSeq, Kind kind, UserId actor, Instant at) {
    return new Builder(
        new ConversationChange(
            conversation, rev, atSeq, kind, actor, List.of(), null, null, null, at));
  }

  /**
   * A change of a message.
   *
   * @param message as it is after it
   */
  public static ConversationChange ofMessage(
      Message message, Kind kind, long atSeq, UserId actor, Instant at) {
    return builder(message.conversation(), message.rev(), atSeq, kind, actor, at)
        .message(message)
        .build();
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
    return builder(conversation, rev, atSeq, Kind.MESSAGE_REACTED, actor, at)
        .reaction(reaction)
        .build();
  }

  /** A message was pinned or, if {@code on} is false, unpinned. */
  public static ConversationChange ofPin(
      ConversationId conversation,
      long rev,
      long atSeq,
      UserId actor,
      long seq,
      boolean on,
      Instant at) {
    return builder(conversation, rev, atSeq, on ? Kind.PINNED : Kind.UNPINNED, actor, at)
        .pinSeq(seq)
        .build();
  }

  /** All messages below a seq were taken out of the store. */
  public static ConversationChange ofExpiry(
      ConversationId conversation, long rev, long atSeq, long firstSeq, Instant at) {
    return builder(conversation, rev, atSeq, Kind.EXPIRED, UserId.SYSTEM, at)
        .firstSeq(firstSeq)
        .build();
  }

  /**
   * It was set how long messages are kept.
   *
   * @param retention null for the time that the engine is set to
   */
  public static ConversationChange ofRetention(
      ConversationId conversation,
      long rev,
      long atSeq,
      UserId actor,
      @Nullable Duration retention,
      Instant at) {
    return builder(conversation, rev, atSeq, Kind.RETENTION_SET, actor, at)
        .retention(retention)
        .build();
  }

  /**
   * The same change with a later state of its message.
   *
   * @param now null if it is not in the store any more
   */
  public ConversationChange withMessage(@Nullable Message now) {
    return new Builder(this).message(now).build();
  }

  /** The same change with another user in the place of one, as the actor and among the subjects. */
  public ConversationChange withUser(UserId user, UserId replacement) {
    return new Builder(this)
        .actor(actor.equals(user) ? replacement : actor)
        .subjects(subjects.stream().map(one -> one.equals(user) ? replacement : one).toList())
        .build();
  }

  /**
   * The same change of a reaction as it is told later.
   *
   * @param now null if something later has taken its place
   */
  public ConversationChange withReaction(@Nullable ReactionChange now) {
    return new Builder(this).reaction(now).build();
  }

  /** What a conversation is after this change, if it was the given one before. */
  public Conversation applyTo(Conversation before) {
    if (kind == Kind.PEER_REPLACED) {
      return Conversation.direct(before.id(), subjects.get(0), subjects.get(1), before.createdAt());
    }
    return kind.isOfGroup() ? settings().applyTo(before) : before;
  }

  /**
   * What it changes of the group itself, for {@link Kind#RENAMED}, {@link Kind#ATTRIBUTES_SET} and
   * {@link Kind#UPDATED} alike; an empty update for other kinds.
   */
  public GroupUpdate settings() {
    return switch (kind) {
      case RENAMED ->
          new GroupUpdate(
              Set.of(GroupUpdate.Field.NAME),
              Objects.requireNonNull(name),
              null,
              null,
              null,
              Duration.ZERO);
      case ATTRIBUTES_SET ->
          new GroupUpdate(
              Set.of(GroupUpdate.Field.ATTRIBUTES), null, null, null, attributes, Duration.ZERO);
      case UPDATED -> Objects.requireNonNull(update);
      default -> GroupUpdate.of();
    };
  }

  /** Sets the parts of a change one by one. Not thread-safe. */
  public static final class Builder {
    private final ConversationChange from;
    private UserId actor;
    private List<UserId> subjects;
    private @Nullable Role role;
    private @Nullable String name;
    private @Nullable String attributes;
    private @Nullable Message message;
    private @Nullable ReactionChange reaction;
    private @Nullable GroupUpdate update;
    private @Nullable Instant until;
    private @Nullable Long pinSeq;
    private @Nullable Long firstSeq;
    private @Nullable Duration retention;

    private Builder(ConversationChange from) {
      this.from = from;
      this.actor = from.actor;
      this.subjects = from.subjects;
      this.role = from.role;
      this.name = from.name;
      this.attributes = from.attributes;
      this.message = from.message;
      this.reaction = from.reaction;
      this.update = from.update;
      this.until = from.until;
      this.pinSeq = from.pinSeq;
      this.firstSeq = from.firstSeq;
      this.retention = from.retention;
    }

    private Builder actor(UserId value) {
      actor = value;
      return this;
    }

    public Builder subjects(List<UserId> value) {
      subjects = value;
      return this;
    }

    public Builder role(@Nullable Role value) {
      role = value;
      return this;
    }

    public Builder name(@Nullable String value) {
      name = value;
      return this;
    }

    public Builder attributes(@Nullable String value) {
      attributes = value;
      return this;
    }

    public Builder message(@Nullable Message value) {
      message = value;
      return this;
    }

    public Builder reaction(@Nullable ReactionChange value) {
      reaction = value;
      return this;
    }

    public Builder update(@Nullable GroupUpdate value) {
      update = value;
      return this;
    }

    public Builder until(@Nullable Instant value) {
      until = value;
      return this;
    }

    public Builder pinSeq(@Nullable Long value) {
      pinSeq = value;
      return this;
    }

    public Builder firstSeq(@Nullable Long value) {
      firstSeq = value;
      return this;
    }

    public Builder retention(@Nullable Duration value) {
      retention = value;
      return this;
    }

    public ConversationChange build() {
      return new ConversationChange(
          from.conversation,
          from.rev,
          from.atSeq,
          from.kind,
          actor,
          subjects,
          role,
          name,
          attributes,
          message,
          from.at,
          reaction,
          update,
          until,
          pinSeq,
          firstSeq,
          retention);
    }
  }

  /**
   * What happened. A member who leaves is {@link #REMOVED} by themselves. A member who is banned is
   * {@link #REMOVED} first, and does not see that they are {@link #BANNED} then. After {@link
   * #DELETED} there is no such conversation any more: all members are out of it, and nothing
   * follows. A pinned message that is deleted is not pinned any more either: {@link
   * #MESSAGE_DELETED} tells that, and no {@link #UNPINNED} follows. After {@link #PEER_REPLACED}
   * another id stands for one of the two users of a direct conversation, who was renamed or erased:
   * the actor of the change.
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
    MESSAGE_REACTED,
    UPDATED,
    BANNED,
    UNBANNED,
    SILENCED,
    PINNED,
    UNPINNED,
    /** Messages were taken out of the store because they were too old; there is no log of which. */
    EXPIRED,
    RETENTION_SET,
    PEER_REPLACED;

    /**
     * Whether it changes a message, its reactions or its pin, or the history as a whole, and
     * nothing of the conversation itself.
     */
    public boolean isOfMessage() {
      return this == MESSAGE_EDITED
          || this == MESSAGE_DELETED
          || this == MESSAGE_REACTED
          || isOfPin()
          || isOfHistory();
    }

    /** Whether it pins or unpins a message, and leaves the message as it is. */
    public boolean isOfPin() {
      return this == PINNED || this == UNPINNED;
    }

    /** Whether it is about which messages there are, and changes none of those that are. */
    public boolean isOfHistory() {
      return this == EXPIRED || this == RETENTION_SET;
    }

    /** Whether it changes what a group is, and no user. */
    public boolean isOfGroup() {
      return this == RENAMED || this == ATTRIBUTES_SET || this == UPDATED;
    }
  }
}
