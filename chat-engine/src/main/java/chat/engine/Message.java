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
 *     is the seq's
 * @param rev of the last change that edited or deleted it, or its reactions; 0 if it is as it was
 *     sent. Of two states of a message the one with the higher rev is the later
 * @param editedAt when it was last edited, or null
 * @param deletedAt when it was deleted, or null. A deleted message keeps its place and its sender,
 *     and has no text, no mentions, no attributes and no reactions any more
 * @param reactions by emoji, those that it was given first in front; each emoji once
 * @param replyPreview the message that it answers, as that one was when this one was read or
 *     committed; null if it answers none or was deleted
 * @param forwardOf which message it was forwarded from, as far as the reader may know; null if it
 *     was not forwarded or was deleted
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
    @Nullable ForwardOf forwardOf) {
  public Message {
    mentions = List.copyOf(mentions);
    reactions = List.copyOf(reactions);
  }

  /** A message without reactions and a preview of what it answers, and not forwarded. */
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
        null);
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
        null);
  }

  /**
   * The message after an edit.
   *
   * @param rev of the edit
   */
  public Message edited(MessageEdit edit, long rev, Instant at) {
    return new Message(
        conversation,
        id,
        seq,
        from,
        clientMessageId,
        edit.text(),
        replyTo,
        edit.mentions(),
        edit.attributes(),
        createdAt,
        rev,
        at,
        null,
        reactions,
        replyPreview,
        forwardOf);
  }

  /**
   * What is left of the message after its deletion.
   *
   * @param rev of the deletion
   */
  public Message deleted(long rev, Instant at) {
    return new Message(
        conversation,
        id,
        seq,
        from,
        clientMessageId,
        "",
        replyTo,
        List.of(),
        null,
        createdAt,
        rev,
        editedAt,
        at,
        List.of(),
        null,
        null);
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
        others,
        replyPreview,
        forwardOf);
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
    boolean emptied = own && erased;
    List<UserId> mentioned = new ArrayList<>(mentions);
    if (erased) {
      mentioned.remove(user);
    } else {
      mentioned.replaceAll(one -> one.equals(user) ? replacement : one);
    }
    return new Message(
        conversation,
        id,
        seq,
        own ? replacement : from,
        emptied ? ClientMessageId.of("erased-" + seq) : clientMessageId,
        emptied ? "" : text,
        replyTo,
        emptied ? List.of() : mentioned,
        emptied ? null : attributes,
        createdAt,
        rev,
        editedAt,
        emptied && deletedAt == null ? at : deletedAt,
        emptied ? List.of() : reactions,
        emptied ? null : replyPreview,
        emptied ? null : forwardOf);
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
        : new Message(
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
            preview,
            forwardOf);
  }

  /** The same message with something else about what it was forwarded from. */
  public Message withForwardOf(@Nullable ForwardOf original) {
    return Objects.equals(forwardOf, original)
        ? this
        : new Message(
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
            original);
  }

  /** Whether it was deleted. */
  public boolean deleted() {
    return deletedAt != null;
  }

  /** Whether its content is that of the edit. */
  public boolean isAs(MessageEdit edit) {
    return !deleted()
        && text.equals(edit.text())
        && mentions.equals(edit.mentions())
        && Objects.equals(attributes, edit.attributes());
  }
}
