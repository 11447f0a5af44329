package chat.engine.internal.bot;

import chat.engine.ChatApplication;
import chat.engine.ChatException;
import chat.engine.ChatUser;
import chat.engine.Conversation;
import chat.engine.Message;
import chat.engine.UserId;
import chat.engine.bot.Bot;
import chat.engine.feed.FeedBatch;
import chat.engine.feed.FeedConsumer;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.util.LogThrottle;
import chat.engine.internal.util.Threads;
import chat.engine.internal.util.Timers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks bots what is for them. The bots of a conversation are asked side by side, each one question
 * after the other; a batch is done when all are. Thread-safe.
 */
public final class BotConsumer implements FeedConsumer {
  private static final Logger log = LoggerFactory.getLogger(BotConsumer.class);

  /** Two minutes of trying. A store that is away does not count. */
  private static final int MOST_ATTEMPTS = 8;

  private final Map<UserId, Bot> bots;
  private final Function<UserId, ChatUser> users;
  private final ChatApplication application;
  private final Timers timers;
  private final int maxTextBytes;
  private final UnaryOperator<CompletableFuture<Void>> tracked;
  private final LogThrottle faults = new LogThrottle(Duration.ofMinutes(1));

  /**
   * @param users acts as a user
   * @param application ends answers of bots that may not write any more
   * @param tracked sees to it that a future is complete at the latest when the engine has closed
   */
  public BotConsumer(
      Map<UserId, Bot> bots,
      Function<UserId, ChatUser> users,
      ChatApplication application,
      Timers timers,
      int maxTextBytes,
      UnaryOperator<CompletableFuture<Void>> tracked) {
    this.bots = Map.copyOf(bots);
    this.users = users;
    this.application = application;
    this.timers = timers;
    this.maxTextBytes = maxTextBytes;
    this.tracked = tracked;
  }

  @Override
  public CompletableFuture<Void> accept(FeedBatch batch) {
    Conversation conversation = batch.conversation();
    if (conversation == null) {
      return CompletableFuture.completedFuture(null);
    }
    Map<UserId, CompletableFuture<Void>> asked = new LinkedHashMap<>();
    for (Message message : batch.messages()) {
      if (message.deleted() || message.from().isSystem() || bots.containsKey(message.from())) {
        continue;
      }
      for (UserId bot :
          conversation.peers().isEmpty() ? message.mentions() : conversation.peers()) {
        if (bots.containsKey(bot)) {
          CompletableFuture<Void> before =
              asked.getOrDefault(bot, CompletableFuture.completedFuture(null));
          asked.put(
              bot, before.thenCompose(done -> ask(bot, message, conversation, batch.attempt())));
        }
      }
    }
    return CompletableFuture.allOf(asked.values().toArray(CompletableFuture[]::new));
  }

  private CompletableFuture<Void> ask(
      UserId bot, Message message, Conversation conversation, int attempt) {
    ChatUser asBot = users.apply(bot);
    BotQuestion question = new BotQuestion(asBot, bot, message, conversation, attempt);
    BotAnswer answer = new BotAnswer(asBot, application, question, timers, maxTextBytes, tracked);
    CompletableFuture<?> answered;
    try {
      answered =
          Objects.requireNonNull(bots.get(bot)).answer(question, answer).toCompletableFuture();
    } catch (Throwable fault) {
      Threads.outlived(fault);
      answered = CompletableFuture.failedFuture(fault);
    }
    UnfinishedAnswer unfinished = new UnfinishedAnswer(application, question);
    return answered
        .thenCompose(
            done ->
                answer.mayLeaveOneUnfinished()
                    ? unfinished.end()
                    : CompletableFuture.<Void>completedFuture(null))
        .exceptionallyCompose(
            fault -> isToBeRepeated(question, fault).thenCompose(givenUp -> unfinished.end()));
  }

  private CompletableFuture<Void> isToBeRepeated(BotQuestion question, Throwable fault) {
    if (isWorthAnotherAttempt(Errors.cause(fault), question.attempt())) {
      return CompletableFuture.failedFuture(fault);
    }
    long times = faults.due();
    if (times > 0) {
      log.warn(
          "bot {} left a question without an answer, message {} of conversation {} ({} such faults)",
          question.bot(),
          question.message().seq(),
          question.message().conversation(),
          times,
          fault);
    }
    return CompletableFuture.completedFuture(null);
  }

  private static boolean isWorthAnotherAttempt(Throwable fault, int attempt) {
    if (fault instanceof ChatException refusal) {
      return switch (refusal.code()) {
        case UNAVAILABLE, BUSY -> true;
        case BAD_REQUEST, FORBIDDEN, NOT_FOUND, CONFLICT, TOO_LARGE -> false;
        case RATE_LIMITED, INTERNAL -> attempt < MOST_ATTEMPTS;
      };
    }
    return attempt < MOST_ATTEMPTS;
  }
}
