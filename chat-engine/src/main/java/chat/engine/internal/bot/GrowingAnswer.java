package chat.engine.internal.bot;

import chat.engine.ChangeAck;
import chat.engine.ChatApplication;
import chat.engine.ChatException;
import chat.engine.ChatUser;
import chat.engine.ErrorCode;
import chat.engine.InvisibleCharacters;
import chat.engine.Message;
import chat.engine.MessageEdit;
import chat.engine.bot.StreamedAnswer;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.util.Timers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A message of a bot that is edited while its text comes: one edit at a time, each with all that
 * there is, and a pause between two. Edits in between may fail, since the last one says it all.
 * Once an answer is finished, also on another node, all further edits are refused: a node that
 * stood still may go on with an answer that another one has finished meanwhile. A bot that may not
 * write there any more, as when it was removed from the group, cannot end its answer; the
 * application then does, with what is shown. Thread-safe, never blocks.
 */
final class GrowingAnswer implements StreamedAnswer {
  private static final Duration PAUSE = Duration.ofMillis(330);

  private final ChatUser bot;
  private final ChatApplication application;
  private final Message question;
  private final long seq;
  private final Timers timers;
  private final int maxTextBytes;
  private final UnaryOperator<CompletableFuture<Void>> tracked;

  // ---- guarded by this

  private AnswerText text;
  private String shown = AnswerText.NOTHING_YET;

  /** The text of the last edit that was made. */
  private String stands = AnswerText.NOTHING_YET;

  private boolean editing;
  private boolean over;
  private CompletableFuture<Void> closed = CompletableFuture.completedFuture(null);
  private @Nullable CompletableFuture<Void> finished;

  /**
   * @param seq of the answer
   * @param tracked sees to it that a future is complete at the latest when the engine has closed,
   *     from when on no timer runs
   */
  GrowingAnswer(
      ChatUser bot,
      ChatApplication application,
      Message question,
      long seq,
      Timers timers,
      int maxTextBytes,
      UnaryOperator<CompletableFuture<Void>> tracked) {
    this.bot = bot;
    this.application = application;
    this.question = question;
    this.seq = seq;
    this.timers = timers;
    this.maxTextBytes = maxTextBytes;
    this.tracked = tracked;
    this.text = new AnswerText(maxTextBytes);
  }

  static String attributes(Message question, boolean writing) {
    return "{\"bot\":{\"answer_to\":" + question.seq() + (writing ? ",\"writing\":true}}" : "}}");
  }

  @Override
  public synchronized boolean isFinished() {
    return over;
  }

  @Override
  public boolean append(String piece) {
    synchronized (this) {
      if (finished != null || over) {
        return true;
      }
      if (!text.append(piece)) {
        return false;
      }
    }
    show();
    return true;
  }

  @Override
  public synchronized void restart() {
    if (finished == null) {
      text = new AnswerText(maxTextBytes);
    }
  }

  /** The next edit, unless one is under way or was a moment ago. */
  private void show() {
    String now;
    synchronized (this) {
      now = visible(text.toString());
      if (editing || over || finished != null || now.equals(shown)) {
        return;
      }
      editing = true;
      shown = now;
    }
    edit(now, true)
        .whenComplete(
            (done, fault) -> {
              if (fault == null) {
                stands(now);
              } else if (BotAnswer.isOver(fault)) {
                end(fault);
              }
              timers.later(PAUSE, this::rested);
            });
  }

  private void rested() {
    CompletableFuture<Void> end;
    synchronized (this) {
      editing = false;
      end = finished;
    }
    if (end == null) {
      show();
    } else {
      showLast(end);
    }
  }

  private synchronized void stands(String text) {
    stands = text;
  }

  /** After an edit that was refused for good. */
  private synchronized CompletableFuture<Void> end(Throwable refusal) {
    over = true;
    if (isConflict(refusal)) {
      return closed; // another one has ended it
    }
    closed =
        BotAnswer.unlessOver(
            application
                .editMessage(question.conversation(), seq, change(stands, false))
                .thenAccept(done -> {}));
    return closed;
  }

  private static boolean isConflict(Throwable fault) {
    return Errors.cause(fault) instanceof ChatException refusal
        && refusal.code() == ErrorCode.CONFLICT;
  }

  private synchronized void end() {
    over = true;
  }

  private static String visible(String text) {
    return text.isEmpty() || InvisibleCharacters.areAllOf(text) ? AnswerText.NOTHING_YET : text;
  }

  private CompletableFuture<ChangeAck> edit(String now, boolean writing) {
    return bot.editMessage(question.conversation(), seq, change(now, writing));
  }

  /** Changes nothing of an answer that was ended. */
  private MessageEdit change(String now, boolean writing) {
    return new MessageEdit(now, List.of(), attributes(question, writing))
        .onlyWhile(attributes(question, true));
  }

  @Override
  public CompletableFuture<Void> finish() {
    return finish(null, false);
  }

  @Override
  public CompletableFuture<Void> finish(String other) {
    return finish(other, true);
  }

  private CompletableFuture<Void> finish(@Nullable String other, boolean replaces) {
    CompletableFuture<Void> end;
    synchronized (this) {
      if (finished != null) {
        return finished;
      }
      end = tracked.apply(new CompletableFuture<>());
      finished = end;
      if (replaces && other != null) {
        text = new AnswerText(maxTextBytes);
        text.append(other);
      }
      if (editing) {
        return end; // the last edit comes when this one has ended
      }
    }
    showLast(end);
    return end;
  }

  private void showLast(CompletableFuture<Void> end) {
    @Nullable String last;
    synchronized (this) {
      last = over ? null : visible(text.toString());
    }
    if (last == null) {
      tell(end, closed());
      return;
    }
    tell(
        end,
        edit(last, false)
            .<Void>thenApply(done -> null)
            .exceptionallyCompose(
                fault ->
                    BotAnswer.isOver(fault) ? end(fault) : CompletableFuture.failedFuture(fault)));
  }

  private synchronized CompletableFuture<Void> closed() {
    return closed;
  }

  private void tell(CompletableFuture<Void> end, CompletableFuture<Void> lastEdit) {
    lastEdit.whenComplete(
        (done, fault) -> {
          end();
          if (fault == null) {
            end.complete(null);
          } else {
            end.completeExceptionally(Errors.cause(fault));
          }
        });
  }
}
