package chat.engine.internal.conversation;

import chat.engine.ConversationId;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.util.Timers;
import chat.engine.spi.ConversationStore;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Takes the messages of deleted conversations out of the store, a bounded number in a transaction,
 * and between two transactions lets others have the thread. Goes on with what nodes that died left
 * behind. Thread-safe; works on the store threads.
 */
public final class MessageEraser {
  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final int PAGE = 16;

  /** Some 10 to 50 ms of work for PostgreSQL. */
  private static final int MESSAGES_AT_ONCE = 1_000;

  private final ConversationStore store;
  private final StoreThreads reads;
  private final Set<ConversationId> leftBehind = ConcurrentHashMap.newKeySet();

  public MessageEraser(ConversationStore store, StoreThreads reads) {
    this.store = store;
    this.reads = reads;
  }

  public void start(Timers timers) {
    timers.every(PERIOD, () -> reads.run(this::eraseWhatIsLeftBehind));
  }

  private void eraseWhatIsLeftBehind() {
    for (ConversationId deleted : store.unerased(PAGE)) {
      if (leftBehind.add(deleted)) {
        erase(deleted).whenComplete((done, fault) -> leftBehind.remove(deleted));
      }
    }
  }

  /** Completes when nothing is left of the messages of a deleted conversation. */
  public CompletableFuture<Void> erase(ConversationId deleted) {
    CompletableFuture<Void> erased = new CompletableFuture<>();
    eraseSome(deleted, erased);
    return erased;
  }

  private void eraseSome(ConversationId deleted, CompletableFuture<Void> erased) {
    reads
        .submit(() -> store.erase(deleted, MESSAGES_AT_ONCE))
        .whenComplete(
            (more, fault) -> {
              if (fault != null) {
                erased.completeExceptionally(Errors.toChatException(fault));
              } else if (more) {
                eraseSome(deleted, erased);
              } else {
                erased.complete(null);
              }
            });
  }
}
