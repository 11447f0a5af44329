package chat.engine.internal.send;

import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.spi.MessageStore;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Asks the store whether it reads and writes. Thread-safe; works on the threads for repairs. */
public record StoreProbe(MessageStore store, StoreThreads reads, InstantSource clock)
    implements Supplier<CompletableFuture<?>> {
  private static final ConversationId NOBODY = ConversationId.of(1);

  @Override
  public CompletableFuture<?> get() {
    return reads.submit(
        () -> {
          // A row that means nothing, so that a store that only reads is told from one that works.
          store
              .lastSeen()
              .record(Map.of(UserId.SYSTEM, clock.instant().truncatedTo(ChronoUnit.MILLIS)));
          return store.lastSeqs(List.of(NOBODY));
        });
  }
}
