package chat.server.push;

import chat.engine.ConversationId;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Runs what concerns a conversation one after another. Thread-safe, never blocks. */
final class Turns {
  private final Map<ConversationId, CompletableFuture<Void>> last = new ConcurrentHashMap<>();

  /** Runs the task when those before it have ended; on the caller's thread, or on theirs. */
  CompletableFuture<Void> next(
      ConversationId conversation, Supplier<CompletableFuture<Void>> task) {
    CompletableFuture<Void> turn = new CompletableFuture<>();
    CompletableFuture<Void> before = last.put(conversation, turn);
    CompletableFuture<Void> begin =
        before == null ? CompletableFuture.completedFuture(null) : before;
    return begin
        .thenCompose(done -> task.get())
        .whenComplete(
            (done, fault) -> {
              last.remove(conversation, turn);
              turn.complete(null); // whatever became of it
            });
  }
}
