package chat.engine.examples.faultcheck.feed;

import chat.engine.UserId;
import chat.engine.bot.Answer;
import chat.engine.bot.Bot;
import chat.engine.bot.Question;
import chat.engine.bot.StreamedAnswer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** The bots of a run: both repeat what they were asked, one at once, one piece by piece. */
public final class FaultBots {
  /** Answers at once. */
  public static final String ECHO = "bot-echo";

  /** Streams its answer. */
  public static final String GROWING = "bot-growing";

  public static final List<String> NAMES = List.of(ECHO, GROWING);

  private static final long PIECE_MILLIS = 250;

  private FaultBots() {}

  public static boolean isBot(String user) {
    return NAMES.contains(user);
  }

  /** What the bot answers to this text. */
  public static String answer(String bot, String question) {
    return prefix(bot) + question;
  }

  /** What all answers of the bot begin with. */
  public static String prefix(String bot) {
    return bot.equals(ECHO) ? "re:" : "grown:";
  }

  public static Map<UserId, Bot> all() {
    return Map.of(
        UserId.of(ECHO),
        Bot.of(question -> answer(ECHO, question.message().text())),
        UserId.of(GROWING),
        (question, answer) -> grow(question, answer).thenCompose(FaultBots::finishLater));
  }

  /** All but the end of an answer that grows. */
  public static CompletableFuture<StreamedAnswer> grow(Question question, Answer answer) {
    return answer.stream()
        .thenApply(
            stream -> {
              stream.append(prefix(GROWING));
              return stream;
            })
        .thenApplyAsync(
            stream -> {
              stream.append(question.message().text());
              return stream;
            },
            later());
  }

  private static CompletableFuture<Void> finishLater(StreamedAnswer stream) {
    return CompletableFuture.supplyAsync(stream::finish, later()).thenCompose(end -> end);
  }

  private static Executor later() {
    return CompletableFuture.delayedExecutor(PIECE_MILLIS, TimeUnit.MILLISECONDS);
  }
}
