package chat.engine.running;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatListener;
import chat.engine.DeviceId;
import chat.engine.UserId;
import chat.engine.memory.InMemoryMessageStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class DrainTest {
  private static final ChatListener DEAF = ChatListener.of(event -> {});

  /** The moment is short, so this tries often; without the second look about one in six fails. */
  @RepeatedTest(20)
  void noSessionIsLeftBehindByADrainThatItCrossed() throws InterruptedException {
    try (ChatEngine engine = ChatEngine.builder().store(new InMemoryMessageStore()).build()) {
      CountDownLatch begun = new CountDownLatch(4);
      List<CompletableFuture<Void>> arrivals = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        String name = "u" + i + "-";
        arrivals.add(
            CompletableFuture.runAsync(
                () -> {
                  boolean refused = false;
                  for (int n = 0; n < 100_000 && !refused; n++) {
                    refused =
                        engine
                            .connect(UserId.of(name + n % 50), DeviceId.of("d"), DEAF)
                            .isCompletedExceptionally();
                    begun.countDown();
                  }
                }));
      }
      begun.await();
      engine.drain(Duration.ofSeconds(5));
      arrivals.forEach(CompletableFuture::join);
      await().untilAsserted(() -> assertThat(engine.sessionCount()).isZero());
    }
  }
}
