package chat.engine;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A committed message, as it was when it was read. Immutable.
 *
 * @param seq its place in the conversation: the first message has 1, and there are no gaps
 * @param from who sent it; {@link UserId#SYSTEM} for a system message
 * @param replyTo seq of the message that it answers, or null
 * @param attributes what the sender attached, opaque to the engine, or null
 * @param createdAt when the engine took it in, by the clock of the node, in milliseconds; the order
 *     is that of the seqs
 * @param rev of the last change that edited or deleted it, or its reactions; 0 if it is as it was
 *     sent. Of two states of a message, the one with the higher rev is the later one
 * @param editedAt when it was last edited, or null
 * @param deletedAt when it was deleted, or null. A deleted message keeps its place and its sender,
 *     and has no text, no mentions, no attributes, no attachments and no reactions any more
 * @param reactions by emoji, in the order in which they were first given; each emoji once
 * @param replyPreview the message that it answers, as that one was when this one was read or
 *     committed; null if it answers none or was deleted
 * @param forwardOf which message it was forwarded from, as far as the reader may know; null if it
 *     was not forwarded or was deleted
 * @param attachments files of the application, in the order in which the sender gave them; none
 *     after a deletion
 */
public record Message(
    ConversationId conversation,
    MessageId id,
    long seq,
    UserId from,
    ClientMessageId clientMessageId,
    String text,
    @Nullable Long replyTo,
    List<UserId> mentions,
    @Nullable String attributes,
    Instant createdAt,
    long rev,
    @Nullable Instant editedAt,
    @Nullable Instant deletedAt,
    List<ReactionCount> reactions,
    @Nullable ReplyPreview replyPreview,
    @Nullable ForwardOf forwardOf,
    List<FileId> attachments) {
  public Message {
    mentions = List.copyOf(mentions);
    reactions = List.copyOf(reactions);
    attachments = List.copyOf(attachments);
  }

  /**
   * A message without reactions, attachments and a preview of what it answers, and not forwarded.
   */
  public Message(
      ConversationId conversation,
      MessageId id,
      long seq,
      UserId from,
      ClientMessageId clientMessageId,
      String text,
      @Nullable Long replyTo,
      List<UserId> mentions,
      @Nullable String attributes,
      Instant createdAt,
      long rev,
      @Nullable Instant editedAt,
      @Nullable Instant deletedAt) {
    this(
        conversation,
        id,
        seq,
        from,
        clientMessageId,
        text,
        replyTo,
        mentions,
        attributes,
        createdAt,
        rev,
        editedAt,
        deletedAt,
        List.of(),
        null,
        null,
        List.of());
  }

  /** A message as it was sent. */
  public Message(
      ConversationId conversation,
      MessageId id,
      long seq,
      UserId from,
      ClientMessageId clientMessageId,
      String text,
      @Nullable Long replyTo,
      List<UserId> mentions,
      @Nullable String attributes,
      Instant createdAt) {
    this(
        conversation,
        id,
        seq,
        from,
        clientMessageId,
        text,
        replyTo,
        mentions,
        attributes,
        createdAt,
        0,
        null,
        null,
        List.of(),
        null,
        null,
        List.of());
  }

  /** Begins a message with what every message has; the rest is as in a plain text just sent. */
  public static Builder builder(
      ConversationId conversation,
      MessageId id,
      long seq,
      UserId from,
      ClientMessageId clientMessageId,
      String text,
      Instant createdAt) {
    return new Builder(
        new Message(
            conversation, id, seq, from, clientMessageId, text, null, List.of(), null, createdAt));
  }

  /**
   * The message after an edit.
   *
   * @param rev of the edit
   */
  public Message edited(MessageEdit edit, long rev, Instant at) {
    return new Builder(this)
        .text(edit.text())
        .mentions(edit.mentions())
        .attributes(edit.attributes())
        .rev(rev)
        .editedAt(at)
        .build();
  }

  /**
   * What is left of the message after its deletion.
   *
   * @param rev of the deletion
   */
  public Message deleted(long rev, Instant at) {
    return new Builder(this).emptied().rev(rev).deletedAt(at).build();
  }

  /**
   * The message after a reaction of a user who did not react with this emoji, or, if it is taken
   * back, did.
   *
   * @param on false if it is taken back
   * @param rev of the reaction
   */
  public Message reacted(Emoji emoji, boolean on, long rev) {
    List<ReactionCount> after = new ArrayList<>(reactions.size() + 1);
    boolean first = on;
    for (ReactionCount reaction : reactions) {
      if (!reaction.emoji().equals(emoji)) {
        after.add(reaction);
        continue;
      }
      first = false;
      long count = reaction.count() + (on ? 1 : -1);
      if (count > 0) {
        after.add(new ReactionCount(emoji, count, reaction.me()));
      }
    }
    if (first) {
      after.add(new ReactionCount(emoji, 1, null));
    }
    return withReactions(after, rev);
  }

  /** The message with other reactions. */
  public Message withReactions(List<ReactionCount> others, long rev) {
    return new Builder(this).reactions(others).rev(rev).build();
  }

  /**
   * The message when its author, or one of those whom it mentions, is another user.
   *
   * @param erased whether the user is erased: then it is rid of what they wrote, and of the mention
   * @param rev of the change
   * @param at when it was erased
   */
  public Message reattributed(
      UserId user, UserId replacement, boolean erased, long rev, Instant at) {
    boolean own = from.equals(user);
    Builder after = new Builder(this).rev(rev);
    if (own) {
      after.from(replacement);
    }
    if (own && erased) {
      after.clientMessageId(ClientMessageId.of("erased-" + seq)).emptied();
      return after.deletedAt(deletedAt == null ? at : deletedAt).build();
    }
    List<UserId> mentioned = new ArrayList<>(mentions);
    if (erased) {
      mentioned.remove(user);
    } else {
      mentioned.replaceAll(one -> one.equals(user) ? replacement : one);
    }
    return after.mentions(mentioned).build();
  }

  /** How many users react with an emoji. */
  public long reactionsWith(Emoji emoji) {
    for (ReactionCount reaction : reactions) {
      if (reaction.emoji().equals(emoji)) {
        return reaction.count();
      }
    }
    return 0;
  }

  /** The same message with another preview of what it answers. */
  public Message withReplyPreview(@Nullable ReplyPreview preview) {
    return Objects.equals(replyPreview, preview)
        ? this
        : new Builder(this).replyPreview(preview).build();
  }

  /** The same message with something else about what it was forwarded from. */
  public Message withForwardOf(@Nullable ForwardOf original) {
    return Objects.equals(forwardOf, original)
        ? this
        : new Builder(this).forwardOf(original).build();
  }

  /** Whether it was deleted. */
  public boolean deleted() {
    return deletedAt != null;
  }

  /** Whether the edit would leave nothing to see of it. */
  public boolean isEmptiedBy(MessageEdit edit) {
    return edit.text().isEmpty() && attachments.isEmpty();
  }

  /** Whether its content is that of the edit. */
  public boolean isAs(MessageEdit edit) {
    return !deleted()
        && text.equals(edit.text())
        && mentions.equals(edit.mentions())
        && Objects.equals(attributes, edit.attributes());
  }

  /** Builds a message from another one, or from what every message has. Not thread-safe. */
  public static final class Builder {
    private final ConversationId conversation;
    private final MessageId id;
    private final long seq;
    private UserId from;
    private ClientMessageId clientMessageId;
    private String text;
    private @Nullable Long replyTo;
    private List<UserId> mentions;
    private @Nullable String attributes;
    private final Instant createdAt;
    private long rev;
    private @Nullable Instant editedAt;
    private @Nullable Instant deletedAt;
    private List<ReactionCount> reactions;
    private @Nullable ReplyPreview replyPreview;
    private @Nullable ForwardOf forwardOf;
    private List<FileId> attachments;

    private Builder(Message original) {
      conversation = original.conversation;
      id = original.id;
      seq = original.seq;
      from = original.from;
      clientMessageId = original.clientMessageId;
      text = original.text;
      replyTo = original.replyTo;
      mentions = original.mentions;
      attributes = original.attributes;
      createdAt = original.createdAt;
      rev = original.rev;
      editedAt = original.editedAt;
      deletedAt = original.deletedAt;
      reactions = original.reactions;
      replyPreview = original.replyPreview;
      forwardOf = original.forwardOf;
      attachments = original.attachments;
    }

    private Builder from(UserId value) {
      from = value;
      return this;
    }

    private Builder clientMessageId(ClientMessageId value) {
      clientMessageId = value;
      return this;
    }

    private Builder text(String value) {
      text = value;
      return this;
    }

    public Builder replyTo(@Nullable Long value) {
      replyTo = value;
      return this;
    }

    public Builder mentions(List<UserId> value) {
      mentions = value;
      return this;
    }

    public Builder attributes(@Nullable String value) {
      attributes = value;
      return this;
    }

    public Builder rev(long value) {
      rev = value;
      return this;
    }

    public Builder editedAt(@Nullable Instant value) {
      editedAt = value;
      return this;
    }

    public Builder deletedAt(@Nullable Instant value) {
      deletedAt = value;
      return this;
    }

    public Builder reactions(List<ReactionCount> value) {
      reactions = value;
      return this;
    }

    public Builder replyPreview(@Nullable ReplyPreview value) {
      replyPreview = value;
      return this;
    }

    public Builder forwardOf(@Nullable ForwardOf value) {
      forwardOf = value;
      return this;
    }

    public Builder attachments(List<FileId> value) {
      attachments = value;
      return this;
    }

    /** Without all that a deleted message does not have. */
    private Builder emptied() {
      return text("")
          .mentions(List.of())
          .attributes(null)
          .reactions(List.of())
          .replyPreview(null)
          .forwardOf(null)
          .attachments(List.of());
    }

    public Message build() {
      return new Message(
          conversation,
          id,
          seq,
          from,
          clientMessageId,
          text,
          replyTo,
          mentions,
          attributes,
          createdAt,
          rev,
          editedAt,
          deletedAt,
          reactions,
          replyPreview,
          forwardOf,
          attachments);
    }
  }
}
