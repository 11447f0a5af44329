package chat.server.bots;

import chat.engine.ChatException;
import chat.engine.ErrorCode;
import chat.engine.bot.Question;
import chat.server.outgoing.OutgoingFault;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bot that somebody else's server answers for. A provider that fails is asked again, three times
 * in all; then the user reads a sentence, the log has the reason, and the counter is told. These
 * attempts are counted here and not by the feed, which repeats whole batches: the second question
 * of a batch would have none left after the first one has failed.
 */
abstract class ProviderBot {
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
  abstract CompletableFuture<Void> ask(Question question, OneAnswer answer, int attempt);

  final Duration deadline() {
    return settings.deadline();
  }

  /** Completes when the question is done, with or without an answer. */
  final CompletableFuture<Void> answer(Question question, OneAnswer one) {
    if (one.isSilent()) {
      return one.ended();
    }
    int attempt = one.nextAttempt();
    return ask(question, one, attempt)
        .exceptionallyCompose(
            fault -> {
              if (one.isSilent()) {
                return one.ended();
              }
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
                    .thenCompose(now -> answer(question, one));
              }
              gaveUp(question, reason(root), attempt);
              return sayThatThereIsNone(one);
            });
  }

  private void gaveUp(Question question, String reason, int attempts) {
    log.warn("bot {} has no answer to {}: {}", settings, question.id(), reason);
    failures.gaveUp(settings.username(), question, reason, attempts);
  }

  /** Ends an answer that is under way as it is, since an operator has suspended the bot. */
  final void silence(Question question, OneAnswer one) {
    if (one.silence()) {
      gaveUp(question, "the bot was suspended", one.attempts());
    }
  }

  /** A second after the first attempt, then twice as long. */
  private static Executor after(int attempt) {
    return CompletableFuture.delayedExecutor(
        FIRST_PAUSE_SECONDS << (attempt - 1), TimeUnit.SECONDS);
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
