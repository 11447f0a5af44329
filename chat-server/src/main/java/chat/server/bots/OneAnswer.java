package chat.server.bots;

import chat.engine.bot.Answer;
import chat.engine.bot.StreamedAnswer;
import chat.server.outgoing.OutgoingFault;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What one question is answered with, over all attempts: what one began to write is what the next
 * one goes on with. Once it is silent, nothing more is said. Thread-safe.
 */
final class OneAnswer implements Answer {
  private final Answer answer;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();

  // ---- guarded by this

  private @Nullable CompletableFuture<StreamedAnswer> begun;
  private int attempts;
  private boolean silent;

  OneAnswer(Answer answer) {
    this.answer = answer;
  }

  /** Counts another one, from 1. */
  synchronized int nextAttempt() {
    return ++attempts;
  }

  synchronized int attempts() {
    return attempts;
  }

  @Override
  public synchronized CompletableFuture<Void> reply(String text) {
    return silent ? refused() : answer.reply(text);
  }

  synchronized boolean hasBegun() {
    return begun != null;
  }

  @Override
  public synchronized CompletableFuture<StreamedAnswer> stream() {
    CompletableFuture<StreamedAnswer> first = begun;
    if (first != null) {
      return first;
    }
    if (silent) {
      return refused();
    }
    first = answer.stream();
    begun = first;
    return first;
  }

  private static <T> CompletableFuture<T> refused() {
    return CompletableFuture.failedFuture(new OutgoingFault("this bot is silent"));
  }

  /**
   * Ends what was begun, as it is.
   *
   * @return false if it was silent before
   */
  boolean silence() {
    CompletableFuture<StreamedAnswer> written;
    synchronized (this) {
      if (silent) {
        return false;
      }
      silent = true;
      written = begun;
    }
    CompletableFuture<Void> end =
        written == null
            ? CompletableFuture.completedFuture(null)
            : written.thenCompose(StreamedAnswer::finish);
    end.whenComplete(
        (done, fault) -> {
          if (fault == null) {
            ended.complete(null);
          } else {
            ended.completeExceptionally(fault);
          }
        });
    return true;
  }

  synchronized boolean isSilent() {
    return silent;
  }

  /** Completes after the commit of the last edit of one that became silent. */
  CompletableFuture<Void> ended() {
    return ended;
  }
}
