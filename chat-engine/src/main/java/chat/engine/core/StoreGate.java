package chat.engine.core;

import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.spi.MessageStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the store is believed to work. Once a call finds it unreachable, sends are refused at
 * once instead of each waiting for its own time-out, while a probe asks until it answers again.
 * Thread-safe.
 */
final class StoreGate {
  private static final Logger log = LoggerFactory.getLogger(StoreGate.class);
  private static final Duration PROBE_PERIOD = Duration.ofMillis(200);
  private static final ConversationId NOBODY = ConversationId.of(1);

  private final MessageStore store;
  private final StoreReads reads;
  private final Runnable onReopened;
  private final AtomicBoolean open = new AtomicBoolean(true);

  /**
   * @param onReopened called when the store answers again
   */
  StoreGate(MessageStore store, StoreReads reads, Runnable onReopened) {
    this.store = store;
    this.reads = reads;
    this.onReopened = onReopened;
  }

  boolean isOpen() {
    return open.get();
  }

  void failed(Throwable fault) {
    if (open.compareAndSet(true, false)) {
      log.warn(
          "the store cannot be reached; sends are refused until it answers again: {}",
          fault.toString());
      probeLater();
    }
  }

  static ChatException refusal() {
    return ChatException.unavailable("the store cannot be reached", null);
  }

  private void probeLater() {
    reads.later(PROBE_PERIOD, this::probe);
  }

  private void probe() {
    reads
        .submit(() -> store.lastSeqs(List.of(NOBODY)))
        .whenComplete(
            (answer, fault) -> {
              if (fault != null) {
                probeLater();
              } else if (open.compareAndSet(false, true)) {
                log.info("the store answers again");
                onReopened.run();
              }
            });
  }
}
