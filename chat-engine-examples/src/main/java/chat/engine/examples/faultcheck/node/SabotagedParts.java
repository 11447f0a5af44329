package chat.engine.examples.faultcheck.node;

import chat.engine.ClientMessageId;
import chat.engine.Message;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.Draft;
import chat.engine.spi.IdGenerator;
import chat.engine.spi.MessageStore;
import chat.engine.spi.Router;
import chat.engine.spi.StoredMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What an engine is built from, with a fault in how it stores, numbers and spreads messages wrapped
 * around it. Thread-safe like what is wrapped.
 */
final class SabotagedParts {
  private static final Duration LAG = Duration.ofSeconds(2);

  private SabotagedParts() {}

  static MessageStore ackWithoutStoring(MessageStore store) {
    return BrokenPart.of(
        store,
        MessageStore.class,
        call -> {
          if (call.is("append")
              && call.arguments()[0] instanceof List<?> writes
              && writes.size() == 1
              && writes.get(0) instanceof Draft draft
              && Sabotage.now()) {
            long last =
                store
                    .lastSeqs(List.of(draft.conversation()))
                    .getOrDefault(draft.conversation(), 0L);
            return List.of(new AppendOutcome.Stored(last + 1, Math.max(0, draft.verifiedRev())));
          }
          return call.proceed();
        });
  }

  static MessageStore forgetClientIds(MessageStore store) {
    return BrokenPart.of(
        store,
        MessageStore.class,
        call ->
            call.is("append")
                ? call.with(
                    ((List<?>) call.arguments()[0])
                        .stream()
                            .map(it -> it instanceof Draft draft ? renamed(draft) : it)
                            .toList(),
                    call.arguments()[1])
                : call.proceed());
  }

  private static Draft renamed(Draft draft) {
    return Draft.of(
        draft.id(),
        draft.conversation(),
        draft.sender(),
        draft.content().withClientMessageId(ClientMessageId.of(UUID.randomUUID().toString())),
        draft.contentHash(),
        draft.createdAt(),
        draft.verifiedRev());
  }

  /** As if nothing had been written since. */
  static MessageStore hideWrites(MessageStore store) {
    return BrokenPart.of(
        store,
        MessageStore.class,
        call -> {
          Object answer = call.proceed();
          return answer instanceof MessageStore.Writes writes
              ? new MessageStore.Writes(
                  writes.mark(), true, Map.of(), Map.of(), Map.of(), writes.storeTime())
              : answer;
        });
  }

  static MessageStore laggingReads(MessageStore store) {
    return BrokenPart.of(
        store,
        MessageStore.class,
        call -> {
          Object found = call.proceed();
          if ((call.is("after") || call.is("before")) && found instanceof List<?> items) {
            Instant until = Instant.now().minus(LAG);
            return items.stream().filter(item -> createdAt(item).isBefore(until)).toList();
          }
          return found;
        });
  }

  private static Instant createdAt(Object item) {
    return item instanceof StoredMessage stored
        ? stored.message().createdAt()
        : ((Message) item).createdAt();
  }

  static Router dropEnvelopes(Router router) {
    return BrokenPart.of(
        router, Router.class, call -> call.is("publish") && Sabotage.now() ? null : call.proceed());
  }

  static IdGenerator repeatIds(IdGenerator ids) {
    AtomicReference<long @Nullable []> last = new AtomicReference<>();
    return BrokenPart.of(
        ids,
        IdGenerator.class,
        call -> {
          if (!call.is("next")) {
            return call.proceed();
          }
          long[] before = last.get();
          boolean repeats =
              before != null && before.length >= (Integer) call.arguments()[0] && Sabotage.now();
          Object now =
              repeats ? Arrays.copyOf(before, (Integer) call.arguments()[0]) : call.proceed();
          last.set((long[]) now);
          return now;
        });
  }
}
