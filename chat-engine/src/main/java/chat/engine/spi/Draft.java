package chat.engine.spi;

import chat.engine.ClientMessageId;
import chat.engine.ConversationId;
import chat.engine.FileId;
import chat.engine.ForwardOf;
import chat.engine.Message;
import chat.engine.MessageId;
import chat.engine.NewMessage;
import chat.engine.UserId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message before it has a seq. Everything in it was validated by the engine.
 *
 * @param contentHash 64 bits of the SHA-256 of the content as its sender passed it in; tells a
 *     retry from another message under the same client message id
 * @param text empty only with attachments, or for a forward whose original the sender cannot read,
 *     see {@link #lacksOriginal}
 * @param createdAt in whole milliseconds
 * @param verifiedRev the rev of the conversation's membership under which the sender is known to be
 *     a member, or {@link #UNVERIFIED}; the store relies on it only if it finds the same rev in the
 *     transaction. Users who are silenced, or who have to wait in slow mode, are never verified
 * @param forwardOf which message it forwards, or null
 * @param attachments each once
 */
public record Draft(
    MessageId id,
    ConversationId conversation,
    UserId sender,
    ClientMessageId clientMessageId,
    long contentHash,
    String text,
    @Nullable Long replyTo,
    List<UserId> mentions,
    @Nullable String attributes,
    Instant createdAt,
    long verifiedRev,
    @Nullable ForwardOf forwardOf,
    List<FileId> attachments)
    implements Write {
  /** The store has to look up whether the sender is a member. */
  public static final long UNVERIFIED = -1;

  /** A draft that forwards nothing and has no attachments. */
  public Draft(
      MessageId id,
      ConversationId conversation,
      UserId sender,
      ClientMessageId clientMessageId,
      long contentHash,
      String text,
      @Nullable Long replyTo,
      List<UserId> mentions,
      @Nullable String attributes,
      Instant createdAt,
      long verifiedRev) {
    this(
        id,
        conversation,
        sender,
        clientMessageId,
        contentHash,
        text,
        replyTo,
        mentions,
        attributes,
        createdAt,
        verifiedRev,
        null,
        List.of());
  }

  /** A draft of a message as it is to be stored. */
  public static Draft of(
      MessageId id,
      ConversationId conversation,
      UserId sender,
      NewMessage content,
      long contentHash,
      Instant createdAt,
      long verifiedRev) {
    return new Draft(
        id,
        conversation,
        sender,
        content.clientMessageId(),
        contentHash,
        content.text(),
        content.replyTo(),
        content.mentions(),
        content.attributes(),
        createdAt,
        verifiedRev,
        content.forwardOf(),
        content.attachments());
  }

  /** What it says, as a message that is handed in. */
  public NewMessage content() {
    return new NewMessage(
        clientMessageId, text, replyTo, mentions, attributes, forwardOf, attachments);
  }

  /**
   * Whether it forwards a message that its sender cannot read. Then it is never stored, and is
   * passed to the store only because it may be the retry of a send that was.
   */
  public boolean lacksOriginal() {
    return forwardOf != null && text.isEmpty() && attachments.isEmpty();
  }

  /** Whether it replies to a message that a conversation with this last seq does not have yet. */
  public boolean repliesBeyond(long lastSeq) {
    return replyTo != null && replyTo > lastSeq;
  }

  /** The message that this becomes with its seq. */
  public Message asMessage(long seq) {
    return Message.builder(conversation, id, seq, sender, clientMessageId, text, createdAt)
        .replyTo(replyTo)
        .mentions(mentions)
        .attributes(attributes)
        .forwardOf(forwardOf)
        .attachments(attachments)
        .build();
  }
}
