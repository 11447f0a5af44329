package chat.server.bots;

import chat.engine.bot.Answer;
import chat.engine.bot.Question;
import chat.server.accounts.Accounts;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * What the bots of this node are answering at present. A bot that an operator has suspended is
 * asked nothing, and what it is saying ends. Thread-safe.
 */
public final class AnswersUnderWay {
  private final Accounts accounts;
  private final Set<UnderWay> all = ConcurrentHashMap.newKeySet();

  public AnswersUnderWay(Accounts accounts) {
    this.accounts = accounts;
  }

  /** Equal to itself alone, since its answer is. */
  private record UnderWay(ProviderBot bot, Question question, OneAnswer answer) {
    String username() {
      return question.bot().value();
    }
  }

  /** Blocks while it asks whether the bot is suspended. */
  CompletableFuture<Void> ask(ProviderBot bot, Question question, Answer answer) {
    UnderWay one = new UnderWay(bot, question, new OneAnswer(answer));
    all.add(one); // before the look, so that no suspension is missed
    CompletableFuture<Void> answered;
    try {
      answered =
          accounts.isSuspended(one.username())
              ? CompletableFuture.completedFuture(null)
              : bot.answer(question, one.answer());
    } catch (RuntimeException | Error fault) {
      answered = CompletableFuture.failedFuture(fault);
    }
    return answered
        .acceptEither(one.answer().ended(), done -> {})
        .whenComplete((done, fault) -> all.remove(one));
  }

  /** Ends the answers of bots that are suspended. To be called again and again; blocks. */
  public void endOfSuspended() {
    Set<String> suspended =
        all.stream()
            .map(UnderWay::username)
            .distinct()
            .filter(accounts::isSuspended)
            .collect(Collectors.toSet());
    for (UnderWay one : all) {
      if (suspended.contains(one.username())) {
        one.bot().silence(one.question(), one.answer());
      }
    }
  }
}
