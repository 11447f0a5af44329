package chat.engine.bot;

import chat.engine.Experimental;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Speaks for a user of the chat. It is asked every message that is for it: each one in a direct
 * conversation with it, and in groups that it is a member of each one that mentions it. It is not
 * asked its own messages, nor those of other bots of the same engine, so that bots do not talk to
 * each other without end.
 */
@Experimental
@FunctionalInterface
public interface Bot {
  /**
   * Answers one question. When the stage completes, the question is done. It is done as well, and
   * nothing comes of it, if the bot may not write there any more.
   *
   * <p>If it throws or the stage fails, the question comes again, after 1 s the first time and
   * twice as long each further time, up to 1 min; {@link Question#attempt} counts. After eight
   * attempts it is left without an answer, which is logged; attempts that fail because the store is
   * away do not count. Better say in an answer that there is none. After a crash a question may
   * come again as well, here or on another node: what was answered before is not sent twice, see
   * {@link Answer}.
   *
   * <p>The questions of one conversation come one after the other, those of others meanwhile. Runs
   * on the engine's threads for hooks, or on the executor of the application; it may block.
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
