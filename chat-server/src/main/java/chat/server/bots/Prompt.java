package chat.server.bots;

import chat.engine.ConversationKind;
import chat.engine.Message;
import chat.engine.bot.Question;
import chat.engine.protocol.JsonObjects;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;

/**
 * What a language model is told: the system prompt, and the end of the conversation that fits into
 * a number of tokens. No tokenizer is asked; four bytes of text count as one token, and each
 * message as four more, which is near enough for a bound.
 */
final class Prompt {
  private static final int BYTES_PER_TOKEN = 4;
  private static final int TOKENS_PER_MESSAGE = 4;

  private Prompt() {}

  /**
   * @param history ascending, the question last; the question is taken in any case
   */
  static ArrayNode of(
      Question question, List<Message> history, @Nullable String systemPrompt, int tokens) {
    List<Message> taken = new ArrayList<>();
    taken.add(question.message());
    int left = tokens;
    for (int i = history.size() - 1; i >= 0; i--) {
      Message message = history.get(i);
      if (message.seq() >= question.message().seq()) {
        continue;
      }
      left -= tokens(message.text());
      if (left < 0) {
        break;
      }
      taken.add(message);
    }
    Collections.reverse(taken);
    ArrayNode messages = JsonObjects.object().putArray("messages");
    if (systemPrompt != null) {
      messages.addObject().put("role", "system").put("content", systemPrompt);
    }
    boolean group = question.conversation().kind() == ConversationKind.GROUP;
    for (Message message : taken) {
      boolean own = message.from().equals(question.bot());
      messages
          .addObject()
          .put("role", own ? "assistant" : "user")
          .put("content", group && !own ? message.from() + ": " + message.text() : message.text());
    }
    return messages;
  }

  private static int tokens(String text) {
    return TOKENS_PER_MESSAGE
        + (text.getBytes(StandardCharsets.UTF_8).length + BYTES_PER_TOKEN - 1) / BYTES_PER_TOKEN;
  }
}
