package chat.engine.bot;

import chat.engine.Experimental;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Speaks for a user of the chat. It is asked about every message for it: each message in a direct
 * conversation with it, and in its groups each message that mentions it. It is not asked about its
 * own messages, nor about those of other bots of the same engine, so bots do not talk to each other
 * endlessly.
 */
@Experimental
@FunctionalInterface
public interface Bot {
  /**
   * Answers one question. When the stage completes, the question is done. It is also done, without
   * an answer, if the bot may no longer write there.
   *
   * <p>If it throws or the stage fails, the question comes again, after 1 s the first time and
   * twice as long each further time, up to 1 min; {@link Question#attempt} counts. After eight
   * attempts it is given up, which is logged; attempts that fail because the store is unreachable
   * do not count. It is better to say in an answer that there is none. After a crash a question may
   * also come again, here or on another node; earlier answers are not sent twice, see {@link
   * Answer}.
   *
   * <p>The questions of one conversation come one after the other, those of other conversations at
   * the same time. Runs on the engine's threads for hooks, or on the executor of the application;
   * it may block.
   */
  CompletionStage<?> answer(Question question, Answer answer) throws Exception;

  /**
   * A bot that knows its answer at once.
   *
   * @param rule gives the text of the answer, or null for none; may block
   */
  static Bot of(Function<Question, @Nullable String> rule) {
    return (question, answer) -> {
      String text = rule.apply(question);
      return text == null ? CompletableFuture.completedFuture(null) : answer.reply(text);
    };
  }
}
