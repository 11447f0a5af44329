package chat.engine.protocol;

import chat.engine.ClientMessageId;
import chat.engine.ConversationId;
import chat.engine.FileId;
import chat.engine.NewMessage;
import chat.engine.SendAck;
import chat.engine.UserId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.node.ObjectNode;

/**
 * A request to send a message, read and checked; for verbs that find the conversation in a way of
 * the host's own.
 */
public record SendRequest(VerbCall call, NewMessage message) {
  /**
   * @throws chat.engine.ChatException with {@code BAD_REQUEST} or {@code TOO_LARGE} for what cannot
   *     be sent
   */
  public static SendRequest of(VerbCall call) {
    NewMessage message = content(call);
    message.requireTextWithin(call.engine().maxTextBytes()); // before a conversation is opened
    Long replyTo = call.optionalInteger("reply_to").orElse(null);
    if (replyTo != null) {
      message = message.withReplyTo(replyTo);
    }
    List<UserId> mentions = call.users("mentions");
    if (!mentions.isEmpty()) {
      message = message.withMentions(mentions);
    }
    ObjectNode attributes = call.optionalObject("attributes").orElseGet(JsonObjects::object);
    return new SendRequest(
        call, attributes.isEmpty() ? message : message.withAttributes(attributes.toString()));
  }

  /** The text, what is forwarded, the attachments, or several of them. */
  private static NewMessage content(VerbCall call) {
    ClientMessageId id = ClientMessageId.of(call.text("client_message_id"));
    Optional<ObjectNode> forwardOf = call.optionalObject("forward_of");
    List<FileId> attachments = JsonObjects.parsedTexts(call.request(), "attachments", FileId::of);
    if (!attachments.isEmpty()) {
      NewMessage files =
          NewMessage.files(id, attachments).withText(call.optionalText("text").orElse(""));
      return forwardOf.isEmpty()
          ? files
          : files.withForwardOf(origin(forwardOf.get()), seq(forwardOf.get()));
    }
    if (forwardOf.isEmpty()) {
      return NewMessage.text(id, call.text("text"));
    }
    ConversationId conversation = origin(forwardOf.get());
    long seq = seq(forwardOf.get());
    return call.optionalText("text")
        .map(text -> NewMessage.text(id, text).withForwardOf(conversation, seq))
        .orElseGet(() -> NewMessage.forward(id, conversation, seq));
  }

  private static ConversationId origin(ObjectNode forwardOf) {
    return ConversationId.parse(JsonObjects.text(forwardOf, "conversation_id"));
  }

  private static long seq(ObjectNode forwardOf) {
    return JsonObjects.integer(forwardOf, "seq");
  }

  /** Sends the message. The engine keeps the order of sends to one conversation. */
  public CompletableFuture<ObjectNode> sendTo(ConversationId conversation) {
    return call.session().send(conversation, message).thenApply(SendRequest::acknowledgement);
  }

  private static ObjectNode acknowledgement(SendAck ack) {
    return JsonObjects.object()
        .put("message_id", ack.messageId().toString())
        .put("conversation_id", ack.conversation().toString())
        .put("seq", ack.seq())
        .put("created_at", JsonObjects.time(ack.createdAt()))
        .put("duplicate", ack.duplicate());
  }
}
