package chat.engine.internal.send;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.spi.LastSeenStore;
import chat.engine.spi.MessageStore;
import chat.engine.spi.StoreUnavailableException;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class StoreProbeTest {
  private final InMemoryMessageStore real = new InMemoryMessageStore();
  private final StoreThreads reads = new StoreThreads(1, 16_384);
  private final AtomicReference<String> broken = new AtomicReference<>("nothing");
  private final StoreProbe probe =
      new StoreProbe(
          proxy(MessageStore.class, real),
          reads,
          () -> Instant.parse("2026-11-25T12:00:00.123456Z"));

  @AfterEach
  void close() {
    reads.close();
  }

  private <T> T proxy(Class<T> type, Object target) {
    return type.cast(
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              if (method.getName().equals(broken.get())) {
                throw new StoreUnavailableException("away, on purpose", null);
              }
              Object result = method.invoke(target, arguments);
              return method.getName().equals("lastSeen")
                  ? proxy(LastSeenStore.class, result)
                  : result;
            }));
  }

  @Test
  void itReadsAndWrites() {
    assertThat(probe.get().join()).isEqualTo(Map.<ConversationId, Long>of());
    assertThat(real.lastSeen().find(Set.of(UserId.SYSTEM)))
        .containsEntry(UserId.SYSTEM, Instant.parse("2026-11-25T12:00:00.123Z"));
  }

  @Test
  void itFailsIfEitherFails() {
    for (String method : List.of("record", "lastSeqs")) {
      broken.set(method);
      CompletableFuture<?> answer = probe.get();
      assertThat(answer).failsWithin(java.time.Duration.ofSeconds(30));
    }
  }
}
