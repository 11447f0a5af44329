package chat.server.bots;

import chat.engine.ChatException;
import chat.engine.HistoryQuery;
import chat.engine.bot.Question;
import chat.engine.bot.StreamedAnswer;
import chat.engine.protocol.JsonObjects;
import chat.server.outgoing.OutgoingFault;
import chat.server.outgoing.OutgoingHttp;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Asks a server that speaks OpenAI's chat completions, of whomever it is, and shows the answer as
 * it comes. Tools are not offered.
 */
final class ChatCompletionBot extends ProviderBot {
  private static final String DONE = "[DONE]";

  private final OutgoingHttp http;

  ChatCompletionBot(BotSettings settings, OutgoingHttp http, Failures failures) {
    super(settings, failures);
    this.http = http;
  }

  @Override
  CompletableFuture<Void> ask(Question question, OneAnswer answer, int attempt) {
    return question
        .history(HistoryQuery.MAX_LIMIT)
        .thenCompose(
            history ->
                answer.stream()
                    .thenCompose(
                        growing ->
                            growing.isFinished()
                                ? CompletableFuture.completedFuture(null)
                                : complete(
                                    Prompt.of(
                                        question,
                                        history,
                                        settings.systemPrompt(),
                                        settings.historyTokens()),
                                    growing,
                                    answer)));
  }

  private CompletableFuture<Void> complete(
      ArrayNode messages, StreamedAnswer growing, OneAnswer answer) {
    growing.restart();
    ObjectNode body = JsonObjects.object().put("model", settings.model()).put("stream", true);
    body.set("messages", messages);
    if (settings.answerTokens() != null) {
      body.put("max_tokens", settings.answerTokens());
    }
    if (settings.temperature() != null) {
      body.put("temperature", settings.temperature());
    }
    AtomicBoolean said = new AtomicBoolean();
    return http.stream(
            settings.url(),
            authorization(settings.secret()),
            JsonObjects.bytes(body),
            deadline(),
            MOST_BYTES,
            data -> !answer.isSilent() && read(data, growing, said))
        .thenCompose(
            reply -> {
              if (!reply.isGood()) {
                throw new OutgoingFault("the provider said " + reply.status());
              }
              if (reply.body().length > 0) {
                String text = whole(reply.body());
                said.set(!text.isBlank());
                growing.append(text);
              }
              if (!said.get()) {
                throw new OutgoingFault("the provider said nothing");
              }
              return growing.finish();
            });
  }

  static Map<String, String> authorization(@Nullable String secret) {
    return secret == null ? Map.of() : Map.of("Authorization", "Bearer " + secret);
  }

  private static boolean read(String data, StreamedAnswer growing, AtomicBoolean said) {
    if (data.equals(DONE)) {
      return false;
    }
    ObjectNode event = parse(data);
    if (event.has("error")) {
      throw new OutgoingFault(
          "the provider said: " + event.path("error").path("message").asString("an error"));
    }
    String piece = event.path("choices").path(0).path("delta").path("content").asString("");
    if (!piece.isBlank()) {
      said.set(true);
    }
    return growing.append(piece); // what does not fit any more ends it
  }

  private static String whole(byte[] body) {
    JsonNode text =
        parse(new String(body, StandardCharsets.UTF_8))
            .path("choices")
            .path(0)
            .path("message")
            .path("content");
    return text.asString("");
  }

  static ObjectNode parse(String json) {
    try {
      return JsonObjects.parse(json);
    } catch (ChatException broken) {
      throw new OutgoingFault("the provider sent what is no JSON object");
    }
  }
}
