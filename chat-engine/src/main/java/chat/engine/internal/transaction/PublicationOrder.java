package chat.engine.internal.transaction;

import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.internal.runtime.StoreThreads;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/**
 * Runs publications one after the other in each conversation, in the order in which they come:
 * members would miss what a later change has overtaken until the next comparison with the store.
 * Those of different conversations do not wait for each other. Thread-safe; does not block.
 */
final class PublicationOrder {
  /** More than these at once are refused; members see what was committed a little later. */
  static final int MOST_UNDER_WAY = 16_384;

  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final StoreThreads threads;

  /** The last publication of each conversation, while it is under way. Guarded by its monitor. */
  private final Map<ConversationId, CompletableFuture<Boolean>> last = new HashMap<>();

  /** Guarded by the monitor of {@link #last}. */
  private int underWay;

  /**
   * @param threads that run the publications
   */
  PublicationOrder(StoreThreads threads) {
    this.threads = threads;
  }

  /**
   * Runs what publishes changes of these conversations after what did so before.
   *
   * @return fails with {@code BUSY} if too many are under way
   */
  CompletableFuture<Boolean> run(Set<ConversationId> conversations, Callable<Boolean> publication) {
    synchronized (last) {
      if (underWay >= MOST_UNDER_WAY) {
        return CompletableFuture.failedFuture(
            ChatException.busy("too many transactions wait to be published", RETRY_AFTER));
      }
      underWay++;
      CompletableFuture<?>[] before =
          conversations.stream()
              .map(last::get)
              .filter(Objects::nonNull)
              .toArray(CompletableFuture[]::new);
      CompletableFuture<Boolean> shown =
          CompletableFuture.allOf(before)
              .handle((done, fault) -> true)
              .thenCompose(next -> threads.submit(publication));
      conversations.forEach(id -> last.put(id, shown));
      shown.whenComplete((all, fault) -> forget(conversations, shown));
      return shown;
    }
  }

  private void forget(Set<ConversationId> conversations, CompletableFuture<Boolean> shown) {
    synchronized (last) {
      underWay--;
      conversations.forEach(id -> last.remove(id, shown));
    }
  }
}
