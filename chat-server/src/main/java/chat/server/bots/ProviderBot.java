package chat.server.bots;

import chat.engine.ChatException;
import chat.engine.ErrorCode;
import chat.engine.bot.Answer;
import chat.engine.bot.Bot;
import chat.engine.bot.Question;
import chat.engine.bot.StreamedAnswer;
import chat.server.outgoing.OutgoingFault;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bot that somebody else's server answers for. A provider that fails is asked again, three times
 * in all; then the user reads a sentence, the log has the reason, and the counter is told. These
 * attempts are counted here and not by the feed, which repeats whole batches: the second question
 * of a batch would have none left after the first one has failed.
 */
abstract class ProviderBot implements Bot {
  private static final Logger log = LoggerFactory.getLogger(ProviderBot.class);
  private static final int ATTEMPTS = 3;
  private static final int FIRST_PAUSE_SECONDS = 1;
  static final int MOST_BYTES = 1024 * 1024;

  /** Is told of questions that had no answer. Must not block. */
  interface Failures {
    void gaveUp(String bot, Question question, String reason, int attempts);
  }

  final BotSettings settings;
  private final Failures failures;

  /**
   * @param failures is told of each question that had no answer
   */
  ProviderBot(BotSettings settings, Failures failures) {
    this.settings = settings;
    this.failures = failures;
  }

  /**
   * Asks the provider. Fails with an {@link OutgoingFault} if that is at fault.
   *
   * @param attempt from 1
   */
  abstract CompletableFuture<Void> ask(Question question, Answer answer, int attempt);

  final Duration deadline() {
    return settings.deadline();
  }

  @Override
  public final CompletableFuture<Void> answer(Question question, Answer answer) {
    return attempt(question, new OneAnswer(answer), 1);
  }

  private CompletableFuture<Void> attempt(Question question, OneAnswer one, int attempt) {
    return ask(question, one, attempt)
        .exceptionallyCompose(
            fault -> {
              Throwable root =
                  fault instanceof CompletionException && fault.getCause() != null
                      ? fault.getCause()
                      : fault;
              boolean answerIsUnfit =
                  root instanceof ChatException refusal
                      && (refusal.code() == ErrorCode.TOO_LARGE
                          || refusal.code() == ErrorCode.BAD_REQUEST);
              if (!answerIsUnfit && root instanceof ChatException) {
                return CompletableFuture.failedFuture(root); // for the feed, which comes again
              }
              if (!answerIsUnfit && attempt < ATTEMPTS) {
                return CompletableFuture.runAsync(() -> {}, after(attempt))
                    .thenCompose(now -> attempt(question, one, attempt + 1));
              }
              log.warn("bot {} has no answer to {}: {}", settings, question.id(), reason(root));
              failures.gaveUp(settings.username(), question, reason(root), attempt);
              return sayThatThereIsNone(one);
            });
  }

  /** A second after the first attempt, then twice as long. */
  private static Executor after(int attempt) {
    return CompletableFuture.delayedExecutor(
        FIRST_PAUSE_SECONDS << (attempt - 1), TimeUnit.SECONDS);
  }

  /** What an attempt began to write is what it goes on with when it fails. */
  private static final class OneAnswer implements Answer {
    private final Answer answer;
    private @Nullable CompletableFuture<StreamedAnswer> begun;

    OneAnswer(Answer answer) {
      this.answer = answer;
    }

    @Override
    public CompletableFuture<Void> reply(String text) {
      return answer.reply(text);
    }

    synchronized boolean hasBegun() {
      return begun != null;
    }

    @Override
    public synchronized CompletableFuture<StreamedAnswer> stream() {
      CompletableFuture<StreamedAnswer> first = begun;
      if (first == null) {
        first = answer.stream();
        begun = first;
      }
      return first;
    }
  }

  private static String reason(Throwable fault) {
    return fault instanceof OutgoingFault ? String.valueOf(fault.getMessage()) : fault.toString();
  }

  /** In place of what was begun, if something was. */
  private CompletableFuture<Void> sayThatThereIsNone(OneAnswer answer) {
    return answer.hasBegun()
        ? answer.stream().thenCompose(begun -> begun.finish(settings.failureText()))
        : answer.reply(settings.failureText());
  }
}
