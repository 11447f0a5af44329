package chat.engine;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A message as its sender passes it in. Immutable; the {@code with} methods return a changed copy.
 *
 * @param clientMessageId names the message for retries
 * @param text empty in a message that forwards another, to forward its text, and may be empty in
 *     one with attachments; else 1 byte to the engine's limit in UTF-8; tab, line feed and carriage
 *     return are its only control characters, and it must not be {@linkplain
 *     InvisibleCharacters#areAllOf blank}
 * @param replyTo the seq of the message of the same conversation that this one answers, or null; a
 *     seq that the conversation does not have fails the send with {@link ErrorCode#BAD_REQUEST}
 * @param mentions users whose attention is called, at most {@link #MAX_MENTIONS}, each once even if
 *     given several times; if one is not a member when the message is stored, the send fails with
 *     {@link ErrorCode#BAD_REQUEST}
 * @param attributes anything that the application wants to keep with the message, at most {@link
 *     #MAX_ATTRIBUTES_BYTES} bytes in UTF-8; opaque to the engine, or null
 * @param forwardOf the message that this one forwards, or null; one that the sender cannot read
 *     fails the send with {@link ErrorCode#NOT_FOUND}
 * @param attachments files of the application, at most {@link #MAX_ATTACHMENTS}, in the order in
 *     which they are shown, none twice. A {@link chat.engine.hook.SendHook} decides whether the
 *     sender may attach them; the engine looks at no file
 */
public record NewMessage(
    ClientMessageId clientMessageId,
    String text,
    @Nullable Long replyTo,
    List<UserId> mentions,
    @Nullable String attributes,
    @Nullable ForwardOf forwardOf,
    List<FileId> attachments) {
  public static final int MAX_MENTIONS = 64;
  public static final int MAX_ATTRIBUTES_BYTES = 2048;
  public static final int MAX_ATTACHMENTS = 10;

  /**
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST} or {@link ErrorCode#TOO_LARGE} for
   *     what can never be sent
   */
  public NewMessage {
    mentions = ContentRules.eachOnce(mentions);
    attachments = ContentRules.requireAttachments(attachments);
    if ((forwardOf == null && attachments.isEmpty()) || !text.isEmpty()) {
      TextRules.requireMessage("text", text, Integer.MAX_VALUE);
    }
    ContentRules.require(mentions, attributes);
    if (forwardOf != null && !forwardOf.isKnown()) {
      throw ChatException.badRequest("forward_of must name a conversation and a seq");
    }
    if (replyTo != null && replyTo <= 0) {
      throw ChatException.badRequest("reply_to must be the seq of a message, not " + replyTo);
    }
  }

  /** A message that forwards none and has no attachments. */
  public NewMessage(
      ClientMessageId clientMessageId,
      String text,
      @Nullable Long replyTo,
      List<UserId> mentions,
      @Nullable String attributes) {
    this(clientMessageId, text, replyTo, mentions, attributes, null, List.of());
  }

  /** Files without a text, with a fresh random client message id. */
  public static NewMessage files(List<FileId> attachments) {
    return files(ClientMessageId.of(UUID.randomUUID().toString()), attachments);
  }

  /** Files without a text. */
  public static NewMessage files(ClientMessageId clientMessageId, List<FileId> attachments) {
    return new NewMessage(clientMessageId, "", null, List.of(), null, null, attachments);
  }

  /**
   * Forwards a message with a fresh random client message id; keep the object to retry with the
   * same id. It gets the text, the attributes and the attachments that the original has when this
   * is sent, but none of its mentions.
   *
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST} if the seq is below 1
   */
  public static NewMessage forward(ConversationId conversation, long seq) {
    return forward(ClientMessageId.of(UUID.randomUUID().toString()), conversation, seq);
  }

  /** As {@link #forward(ConversationId, long)}, under a client message id. */
  public static NewMessage forward(
      ClientMessageId clientMessageId, ConversationId conversation, long seq) {
    return new NewMessage(
        clientMessageId, "", null, List.of(), null, ForwardOf.of(conversation, seq), List.of());
  }

  /**
   * A plain text with a fresh random client message id; keep the object to retry with the same id.
   */
  public static NewMessage text(String text) {
    return text(ClientMessageId.of(UUID.randomUUID().toString()), text);
  }

  public static NewMessage text(ClientMessageId clientMessageId, String text) {
    return new NewMessage(clientMessageId, text, null, List.of(), null);
  }

  public NewMessage withClientMessageId(ClientMessageId id) {
    return new NewMessage(id, text, replyTo, mentions, attributes, forwardOf, attachments);
  }

  public NewMessage withText(String changed) {
    return new NewMessage(
        clientMessageId, changed, replyTo, mentions, attributes, forwardOf, attachments);
  }

  public NewMessage withReplyTo(long seq) {
    return new NewMessage(clientMessageId, text, seq, mentions, attributes, forwardOf, attachments);
  }

  public NewMessage withMentions(List<UserId> mentioned) {
    return new NewMessage(
        clientMessageId, text, replyTo, mentioned, attributes, forwardOf, attachments);
  }

  public NewMessage withAttributes(String opaque) {
    return new NewMessage(clientMessageId, text, replyTo, mentions, opaque, forwardOf, attachments);
  }

  public NewMessage withAttachments(List<FileId> files) {
    return new NewMessage(clientMessageId, text, replyTo, mentions, attributes, forwardOf, files);
  }

  /**
   * Marks the message as one that forwards another. If it has a text or attachments, they stay; the
   * engine does not check that they are the original's.
   *
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST} if the seq is below 1
   */
  public NewMessage withForwardOf(ConversationId conversation, long seq) {
    return new NewMessage(
        clientMessageId,
        text,
        replyTo,
        mentions,
        attributes,
        ForwardOf.of(conversation, seq),
        attachments);
  }

  /** Whether its content is still to be taken from the message that it forwards. */
  public boolean lacksOriginal() {
    return forwardOf != null && text.isEmpty() && attachments.isEmpty();
  }

  /** The same message with the content of the message that it forwards. */
  public NewMessage withOriginal(Message original) {
    return new NewMessage(
        clientMessageId,
        original.text(),
        replyTo,
        mentions,
        attributes == null ? original.attributes() : attributes,
        forwardOf,
        original.attachments());
  }

  /**
   * @throws ChatException with {@link ErrorCode#TOO_LARGE} if the text is longer than this many
   *     bytes in UTF-8
   */
  public void requireTextWithin(int maxTextBytes) {
    TextRules.requireSize("text", text, maxTextBytes);
  }

  /**
   * 64 bits of the SHA-256 of the content: what tells a retry from another message under the same
   * client message id. Two messages that differ in text, reply, mentions, attributes, attachments
   * or what they forward have the same one with a chance of 1 in 2^64.
   */
  public long contentHash() {
    return ContentHash.of(this);
  }
}
