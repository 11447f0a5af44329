package chat.engine.internal.bot;

import chat.engine.ChatApplication;
import chat.engine.ChatException;
import chat.engine.ChatUser;
import chat.engine.ClientMessageId;
import chat.engine.ConversationKind;
import chat.engine.ErrorCode;
import chat.engine.HistoryQuery;
import chat.engine.InvisibleCharacters;
import chat.engine.Message;
import chat.engine.NewMessage;
import chat.engine.SendAck;
import chat.engine.bot.Answer;
import chat.engine.bot.StreamedAnswer;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.util.Timers;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * Sends the answers to one question. Each has the client message id {@code bot:SEQ:NUMBER}, by
 * which the store recognises one that was sent before a crash. Thread-safe.
 */
final class BotAnswer implements Answer {
  /** What says that the bot may not write there any more, or that the answer is there. */
  private static final Set<ErrorCode> NOTHING_TO_DO =
      EnumSet.of(ErrorCode.FORBIDDEN, ErrorCode.NOT_FOUND, ErrorCode.CONFLICT);

  private final ChatUser bot;
  private final ChatApplication application;
  private final BotQuestion question;
  private final Timers timers;
  private final int maxTextBytes;
  private final UnaryOperator<CompletableFuture<Void>> tracked;
  private final AtomicInteger answers = new AtomicInteger();

  /** Whether something was said to the question that no earlier attempt had said. */
  private volatile boolean saysSomethingNew;

  private volatile boolean goesOn;

  BotAnswer(
      ChatUser bot,
      ChatApplication application,
      BotQuestion question,
      Timers timers,
      int maxTextBytes,
      UnaryOperator<CompletableFuture<Void>> tracked) {
    this.bot = bot;
    this.application = application;
    this.question = question;
    this.timers = timers;
    this.maxTextBytes = maxTextBytes;
    this.tracked = tracked;
  }

  /** Whether a call failed since there is nothing more to do for an answer. */
  static boolean isOver(Throwable fault) {
    return Errors.cause(fault) instanceof ChatException refusal
        && NOTHING_TO_DO.contains(refusal.code());
  }

  private Message asked() {
    return question.message();
  }

  private NewMessage message(String text) {
    NewMessage message =
        NewMessage.text(
            ClientMessageId.of("bot:" + asked().seq() + ":" + answers.getAndIncrement()), text);
    return question.conversation().kind() == ConversationKind.GROUP
        ? message.withReplyTo(asked().seq())
        : message;
  }

  @Override
  public CompletableFuture<Void> reply(String text) {
    String cleaned = AnswerText.clean(text);
    if (cleaned.isEmpty() || InvisibleCharacters.areAllOf(cleaned)) {
      return CompletableFuture.completedFuture(null);
    }
    return unlessOver(bot.send(asked().conversation(), message(cleaned)).thenAccept(this::isSent));
  }

  private void isSent(SendAck ack) {
    saysSomethingNew |= !ack.duplicate();
  }

  /**
   * Whether an attempt before this one, on a node that died, may have begun an answer that nobody
   * goes on with.
   */
  boolean mayLeaveOneUnfinished() {
    return !saysSomethingNew && !goesOn;
  }

  /** Completes also if there is nothing more to do. */
  static CompletableFuture<Void> unlessOver(CompletableFuture<Void> call) {
    return call.exceptionally(
        fault -> {
          if (isOver(fault)) {
            return null;
          }
          throw new CompletionException(Errors.cause(fault));
        });
  }

  @Override
  public CompletableFuture<StreamedAnswer> stream() {
    NewMessage first =
        message(AnswerText.NOTHING_YET).withAttributes(GrowingAnswer.attributes(asked(), true));
    return bot.send(asked().conversation(), first)
        .thenCompose(
            ack ->
                ack.duplicate()
                    ? isBeingWritten(ack).thenApply(writing -> growing(ack, !writing))
                    : CompletableFuture.completedFuture(growing(ack, false)))
        .exceptionally(
            fault -> {
              if (isOver(fault)) {
                return new NoAnswer();
              }
              throw new CompletionException(Errors.cause(fault));
            });
  }

  private StreamedAnswer growing(SendAck ack, boolean finished) {
    isSent(ack);
    if (finished) {
      return new NoAnswer();
    }
    goesOn = true;
    return new GrowingAnswer(bot, application, asked(), ack.seq(), timers, maxTextBytes, tracked);
  }

  private CompletableFuture<Boolean> isBeingWritten(SendAck ack) {
    return bot.history(asked().conversation(), HistoryQuery.after(ack.seq() - 1).limit(1))
        .thenApply(
            page -> {
              List<Message> found = page.messages();
              Optional<Message> answer =
                  found.stream().filter(message -> message.seq() == ack.seq()).findFirst();
              return answer
                  .map(
                      message ->
                          GrowingAnswer.attributes(asked(), true).equals(message.attributes()))
                  .orElse(false);
            });
  }

  /** One that was finished before. */
  private static final class NoAnswer implements StreamedAnswer {
    @Override
    public boolean isFinished() {
      return true;
    }

    @Override
    public boolean append(String piece) {
      return true;
    }

    @Override
    public void restart() {}

    @Override
    public CompletableFuture<Void> finish() {
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<Void> finish(String text) {
      return finish();
    }
  }
}
