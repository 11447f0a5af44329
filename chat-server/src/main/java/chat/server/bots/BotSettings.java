package chat.server.bots;

import chat.server.outgoing.WebhookSignature;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One bot.
 *
 * @param secret the key of the provider; null for none
 * @param signature of a webhook, else null
 * @param model of the language model, or EdenAI's providers
 * @param historyTokens how much of the conversation the model is told, about; the question itself
 *     always
 * @param answerTokens the most that the model is asked for; null for what it does by itself
 * @param failureText what users read when there is no answer
 */
record BotSettings(
    String username,
    @Nullable String displayName,
    Kind kind,
    URI url,
    @Nullable String secret,
    @Nullable WebhookSignature signature,
    @Nullable String model,
    @Nullable String systemPrompt,
    int historyTokens,
    @Nullable Integer answerTokens,
    @Nullable Double temperature,
    Duration deadline,
    String failureText) {
  enum Kind {
    WEBHOOK,
    OPENAI,
    EDENAI
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return username + " (" + kind + " at " + url.getHost() + ")";
  }
}
