package chat.server.bots;

import chat.engine.ConversationKind;
import chat.engine.bot.Question;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.WireJson;
import chat.server.outgoing.OutgoingFault;
import chat.server.outgoing.OutgoingHttp;
import chat.server.outgoing.WebhookSignature;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.node.ObjectNode;

/**
 * Posts the question to an address of the operator, signed; the answer is in the reply as {@code
 * {"text": "..."}}. An empty reply, or status 204, is no answer.
 */
final class WebhookBot extends ProviderBot {
  private static final int NO_CONTENT = 204;

  private final OutgoingHttp http;
  private final WebhookSignature signature;
  private final InstantSource clock;

  WebhookBot(BotSettings settings, OutgoingHttp http, InstantSource clock, Failures failures) {
    super(settings, failures);
    this.http = http;
    this.signature = Objects.requireNonNull(settings.signature());
    this.clock = clock;
  }

  @Override
  CompletableFuture<Void> ask(Question question, OneAnswer answer, int attempt) {
    byte[] body = JsonObjects.bytes(json(question));
    Map<String, String> headers =
        new HashMap<>(signature.headers(question.id(), clock.instant(), body));
    headers.put("webhook-attempt", Integer.toString(attempt));
    return http.post(settings.url(), headers, body, deadline(), MOST_BYTES)
        .thenCompose(
            reply -> {
              if (!reply.isGood()) {
                throw new OutgoingFault("the webhook said " + reply.status());
              }
              if (reply.status() == NO_CONTENT || reply.body().length == 0) {
                return CompletableFuture.completedFuture(null);
              }
              ObjectNode said =
                  ChatCompletionBot.parse(new String(reply.body(), StandardCharsets.UTF_8));
              return answer.reply(said.path("text").asString(""));
            });
  }

  private static ObjectNode json(Question question) {
    ObjectNode json =
        JsonObjects.object()
            .put("type", "question")
            .put("id", question.id())
            .put("bot", question.bot().value());
    ObjectNode conversation = json.putObject("conversation");
    conversation.put("conversation_id", question.conversation().id().toString());
    boolean group = question.conversation().kind() == ConversationKind.GROUP;
    conversation.put("kind", group ? "group" : "direct");
    if (group) {
      conversation.put("name", question.conversation().name());
    }
    WireJson.message(json.putObject("message"), question.message());
    return json;
  }
}
