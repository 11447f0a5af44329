package chat.server.bots;

import chat.engine.bot.Question;
import chat.engine.protocol.JsonObjects;
import chat.server.outgoing.OutgoingFault;
import chat.server.outgoing.OutgoingHttp;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Asks EdenAI's text generation, with the question alone and without a history. */
final class EdenAiBot extends ProviderBot {
  private static final int ANSWER_TOKENS = 250;

  private final OutgoingHttp http;

  EdenAiBot(BotSettings settings, OutgoingHttp http, Failures failures) {
    super(settings, failures);
    this.http = http;
  }

  @Override
  CompletableFuture<Void> ask(Question question, OneAnswer answer, int attempt) {
    String prompt = settings.systemPrompt();
    String text = question.message().text();
    ObjectNode body =
        JsonObjects.object()
            .put("providers", settings.model())
            .put("text", prompt == null ? text : prompt + "\n\n" + text)
            .put("temperature", settings.temperature() == null ? 0.2 : settings.temperature())
            .put(
                "max_tokens",
                settings.answerTokens() == null ? ANSWER_TOKENS : settings.answerTokens());
    return http.post(
            settings.url(),
            ChatCompletionBot.authorization(settings.secret()),
            JsonObjects.bytes(body),
            deadline(),
            MOST_BYTES)
        .thenCompose(
            reply -> {
              if (!reply.isGood()) {
                throw new OutgoingFault("the provider said " + reply.status());
              }
              return answer.reply(generated(reply.body()));
            });
  }

  /** Of the first provider that has generated something. */
  private static String generated(byte[] body) {
    ObjectNode providers = ChatCompletionBot.parse(new String(body, StandardCharsets.UTF_8));
    for (JsonNode provider : providers) {
      String text = provider.path("generated_text").asString("");
      if (!text.isBlank()) {
        return text;
      }
    }
    throw new OutgoingFault("the provider generated nothing");
  }
}
