package chat.server.webhooks;

import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ConversationKind;
import chat.engine.NewMessage;
import chat.engine.UserId;
import chat.engine.hook.SendHook;
import chat.engine.protocol.JsonObjects;
import chat.server.config.IntegrationsFile;
import chat.server.config.IntegrationsFile.Entry;
import chat.server.outgoing.OutgoingFault;
import chat.server.outgoing.OutgoingHttp;
import chat.server.outgoing.WebhookSignature;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Asks a webhook about each message and each edit before it is stored: it may let it pass, change
 * its text, or refuse it with a sentence for the sender. A webhook that gives no answer in time
 * lets everything pass or nothing, as it is configured. Thread-safe, never blocks.
 */
public final class Moderation implements SendHook {
  private static final Logger log = LoggerFactory.getLogger(Moderation.class);
  private static final int MOST_BYTES = 256 * 1024;
  private static final int DEADLINE_MILLIS = 1_500;
  private static final int MOST_MILLIS = 10_000;
  private static final Duration RETRY = Duration.ofSeconds(2);
  private static final Set<String> FIELDS =
      Set.of("url", "secret", "secret_env", "deadline_ms", "on_failure");

  /** What happens to a message that the webhook does not judge. */
  private enum OnFailure {
    ALLOW,
    REFUSE
  }

  private final URI url;
  private final WebhookSignature signature;
  private final Duration deadline;
  private final OnFailure onFailure;
  private final OutgoingHttp http;
  private final InstantSource clock;
  private final Runnable failures;

  private Moderation(Entry entry, OutgoingHttp http, InstantSource clock, Runnable failures) {
    this.url = entry.url("url");
    this.signature = entry.signature();
    this.deadline =
        Duration.ofMillis(entry.number("deadline_ms", DEADLINE_MILLIS, 10, MOST_MILLIS));
    this.onFailure = entry.choice("on_failure", OnFailure.class);
    this.http = http;
    this.clock = clock;
    this.failures = failures;
  }

  /**
   * @param failures is told of each message that the webhook did not judge
   * @return empty if the file has none
   * @throws IllegalArgumentException with a sentence that names the field
   */
  public static Optional<Moderation> of(
      IntegrationsFile file, OutgoingHttp http, Runnable failures) {
    List<Entry> entries = file.entries("moderation");
    if (entries.size() > 1) {
      throw entries.get(1).wrong("there can be one moderation only");
    }
    return entries.stream()
        .findFirst()
        .map(
            entry ->
                entry.read(
                    FIELDS, () -> new Moderation(entry, http, InstantSource.system(), failures)));
  }

  /** For how long at most it thinks about a message. */
  public Duration deadline() {
    return deadline;
  }

  @Override
  public CompletableFuture<NewMessage> onSend(
      UserId sender, Conversation conversation, NewMessage message) {
    byte[] body = JsonObjects.bytes(json(sender, conversation, message));
    // two edits of a message are two questions
    String id =
        conversation.id()
            + ":"
            + sender
            + ":"
            + message.clientMessageId()
            + ":"
            + new String(body, StandardCharsets.UTF_8);
    return http.post(
            url, signature.headers(header(id), clock.instant(), body), body, deadline, MOST_BYTES)
        .thenApply(reply -> judged(message, reply))
        .exceptionally(fault -> unjudged(message, fault));
  }

  /** Header values are ASCII, and names of users are not. */
  private static String header(String id) {
    return UUID.nameUUIDFromBytes(id.getBytes(StandardCharsets.UTF_8)).toString();
  }

  private static ObjectNode json(UserId sender, Conversation conversation, NewMessage message) {
    ObjectNode json =
        JsonObjects.object()
            .put("type", "moderation")
            .put("conversation_id", conversation.id().toString())
            .put("kind", conversation.kind() == ConversationKind.GROUP ? "group" : "direct")
            .put("from", sender.value())
            .put("client_message_id", message.clientMessageId().value())
            .put("text", message.text());
    if (message.attributes() != null) {
      json.put("attributes", message.attributes());
    }
    return json;
  }

  private static NewMessage judged(NewMessage message, OutgoingHttp.Answer reply) {
    if (!reply.isGood()) {
      throw new OutgoingFault("it said " + reply.status());
    }
    ObjectNode said;
    try {
      said = JsonObjects.parse(new String(reply.body(), StandardCharsets.UTF_8));
    } catch (ChatException broken) {
      throw new OutgoingFault("it sent what is no JSON object");
    }
    String action = said.path("action").asString("");
    if (action.equals("refuse")) {
      throw ChatException.forbidden(
          said.path("message").asString("this message was refused by moderation"));
    }
    if (!action.equals("allow")) {
      throw new OutgoingFault("it sent no action that is allow or refuse");
    }
    String text = said.path("text").asString("");
    return text.isEmpty() ? message : message.withText(text);
  }

  private NewMessage unjudged(NewMessage message, Throwable fault) {
    Throwable root = fault.getCause() == null ? fault : fault.getCause();
    if (root instanceof ChatException refusal) {
      throw refusal;
    }
    failures.run();
    log.debug("moderation gave no answer: {}", root.toString());
    if (onFailure == OnFailure.ALLOW) {
      return message;
    }
    throw ChatException.busy("messages cannot be checked at present", RETRY);
  }
}
