package chat.engine.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.hook.EngineTimings;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class QueuedTimingsTest {
  private final Queue<String> told = new ConcurrentLinkedQueue<>();

  @Test
  void timingsArePassedOnInTheirOrderAndThoseThatThrowHarmNothing() {
    EngineTimings application =
        new EngineTimings() {
          @Override
          public void committed(int sends, Duration took) {
            told.add("committed " + sends + " " + took.toMillis());
            throw new IllegalStateException("the timings' fault, on purpose");
          }

          @Override
          public void delivered(Duration lag) {
            told.add("delivered " + lag.toMillis());
            throw new AssertionError("the timings' fault, on purpose");
          }
        };
    try (QueuedTimings timings = new QueuedTimings(application)) {
      timings.committed(3, Duration.ofMillis(5));
      timings.delivered(Duration.ofMillis(7));
      timings.committed(4, Duration.ofMillis(6));
      await()
          .untilAsserted(
              () ->
                  assertThat(told)
                      .containsExactly("committed 3 5", "delivered 7", "committed 4 6"));
    }
  }

  @Test
  void timingsThatBlockDelayNobodyAndWhatOutrunsThemIsDropped() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    EngineTimings application =
        new EngineTimings() {
          @Override
          public void delivered(Duration lag) {
            begun.countDown();
            try {
              goOn.await();
            } catch (InterruptedException end) {
              Thread.currentThread().interrupt();
            }
            told.add("delivered");
          }
        };
    QueuedTimings timings = new QueuedTimings(application);
    timings.delivered(Duration.ZERO);
    begun.await();
    for (int i = 0; i < 50_000; i++) {
      timings.delivered(Duration.ZERO);
    }
    goOn.countDown();
    await().untilAsserted(() -> assertThat(told).hasSizeBetween(16_384, 16_385));
    timings.close();
    timings.delivered(Duration.ZERO);
    timings.committed(1, Duration.ZERO);
    assertThat(told).hasSizeBetween(16_384, 16_385);
  }

  @Test
  void closingInterruptsTimingsThatBlock() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    QueuedTimings timings =
        new QueuedTimings(
            new EngineTimings() {
              @Override
              public void delivered(Duration lag) {
                begun.countDown();
                try {
                  never.await();
                } catch (InterruptedException end) {
                  told.add("interrupted");
                }
              }
            });
    timings.delivered(Duration.ZERO);
    begun.await();
    timings.close();
    await().untilAsserted(() -> assertThat(told).containsExactly("interrupted"));
  }

  @Test
  void theApplicationHearsOfALackOfMemory() {
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    OutOfMemoryError lack = new OutOfMemoryError("on purpose");
    try {
      Thread.setDefaultUncaughtExceptionHandler((thread, fault) -> told.add(fault.getMessage()));
      try (QueuedTimings timings =
          new QueuedTimings(
              new EngineTimings() {
                @Override
                public void delivered(Duration lag) {
                  throw lack;
                }
              })) {
        timings.delivered(Duration.ZERO);
        await()
            .dontCatchUncaughtExceptions()
            .untilAsserted(() -> assertThat(told).containsExactly("on purpose"));
      }
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
  }
}
