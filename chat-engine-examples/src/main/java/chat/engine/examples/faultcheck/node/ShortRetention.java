package chat.engine.examples.faultcheck.node;

import chat.engine.spi.MessageStore;
import chat.engine.spi.RetentionStore;
import chat.engine.spi.RetentionStore.OldestMessage;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Lets messages expire within a run: the shortest retention is a minute, so what is set is this
 * many times as long as what the searches for expired messages go by. Thread-safe like what it
 * wraps.
 */
final class ShortRetention {
  private static final int FACTOR = 10;

  private ShortRetention() {}

  /** What to set for messages to be kept for this time. */
  static Duration toSet(Duration effective) {
    return effective.multipliedBy(FACTOR);
  }

  static MessageStore in(MessageStore store) {
    return BrokenPart.in(
        store,
        "retention",
        RetentionStore.class,
        store::retention,
        call -> {
          Object answer = call.proceed();
          return answer instanceof RetentionStore.Oldest oldest
              ? new RetentionStore.Oldest(
                  oldest.messages().stream().map(ShortRetention::shortened).toList(), oldest.last())
              : answer;
        });
  }

  private static OldestMessage shortened(OldestMessage oldest) {
    return new OldestMessage(
        oldest.conversation(), oldest.createdAt(), shortened(oldest.retention()));
  }

  private static @Nullable Duration shortened(@Nullable Duration set) {
    return set == null ? null : set.dividedBy(FACTOR);
  }
}
