package chat.engine.examples.console.link;

import chat.engine.examples.console.model.Conversation;
import chat.engine.examples.console.model.Conversations;
import chat.engine.examples.console.model.Mentions;
import chat.engine.examples.console.model.Outbox;
import chat.engine.examples.console.model.SeenMessage;
import chat.engine.examples.console.model.Typists;
import chat.engine.examples.console.screen.Screen;
import chat.engine.examples.server.ServerApi;
import chat.engine.examples.server.ServerConnection;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Sends messages, and shows each once the server has it. What cannot be sent now is sent again,
 * under the same id, so that it is stored once. Thread-safe; never blocks.
 */
public final class Sender {
  private static final int RETRY_SECONDS = 3;

  private final String me;
  private final Link link;
  private final Conversations conversations;
  private final Typists typists;
  private final Outbox outbox;
  private final Screen screen;
  private final Executor later = CompletableFuture.delayedExecutor(RETRY_SECONDS, TimeUnit.SECONDS);

  public Sender(
      String me,
      Link link,
      Conversations conversations,
      Typists typists,
      Outbox outbox,
      Screen screen) {
    this.me = me;
    this.link = link;
    this.conversations = conversations;
    this.typists = typists;
    this.outbox = outbox;
    this.screen = screen;
  }

  /** A message without a content yet. */
  public static ObjectNode to(Conversation conversation) {
    ObjectNode send = Link.request("send").put("client_message_id", UUID.randomUUID().toString());
    String id = conversation.id();
    return id == null ? send.put("to", conversation.name()) : send.put("conversation_id", id);
  }

  /** Names whom the text mentions. */
  public static void putText(ObjectNode request, String text, Conversation conversation) {
    request.put("text", text);
    ArrayNode mentions = request.putArray("mentions");
    Mentions.in(text, conversation.members()).forEach(mentions::add);
  }

  public void send(ObjectNode send) {
    outbox.add(send);
    typists.toldNothing();
    attempt(send);
  }

  /** The connection is back: sends what waited for it. */
  void again() {
    outbox.waiting().forEach(this::attempt);
  }

  private void attempt(ObjectNode send) {
    link.start(send.deepCopy())
        .whenComplete(
            (ack, fault) -> {
              Throwable cause = Reasons.cause(fault);
              if (cause == null) {
                if (outbox.done(send)) {
                  sent(send, ack);
                }
              } else if (cause instanceof ServerConnection.ClosedException) {
                screen.note("(It will be sent when the connection is back.)");
              } else if (mayBeRepeated(cause)) {
                screen.note("(" + Reasons.of(cause) + " It will be sent again.)");
                later.execute(() -> attempt(send));
              } else {
                outbox.done(send);
                screen.wrong("Not sent. " + Reasons.of(cause));
              }
            });
  }

  private static boolean mayBeRepeated(Throwable cause) {
    return cause instanceof ServerApi.RefusedException refused
        && (refused.code().equals("busy") || refused.code().equals("unavailable"));
  }

  private void sent(ObjectNode send, ObjectNode ack) {
    String id = ack.get("conversation_id").asString();
    Conversation conversation =
        send.has("to")
            ? conversations.known(id, send.get("to").asString(), false)
            : conversations.byId(id);
    if (conversation == null) {
      return; // left in the meantime
    }
    ObjectNode message = send.deepCopy();
    message.remove("mentions");
    message.setAll(ack);
    message.put("from", me);
    if (!message.has("text")) {
      message.put("text", "");
    }
    preview(message, conversation);
    conversation.sent(ack.get("seq").asLong());
    conversation.see(message);
    conversations.touch(conversation);
    screen.message(message, conversations.isOpen(conversation) ? "" : conversation.label());
  }

  private static void preview(ObjectNode message, Conversation conversation) {
    if (message.has("reply_to")) {
      SeenMessage answered = conversation.seen(message.get("reply_to").asLong());
      if (answered != null) {
        message
            .putObject("reply_preview")
            .put("seq", answered.seq())
            .put("from", answered.from())
            .put("text", answered.text());
      }
    }
  }
}
