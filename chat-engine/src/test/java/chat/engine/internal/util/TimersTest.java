package chat.engine.internal.util;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class TimersTest {
  private final Timers timers = new Timers();

  @AfterEach
  void close() {
    timers.close();
  }

  @Test
  void aTaskRunsOnceAtItsTime() {
    long begun = System.nanoTime();
    AtomicInteger runs = new AtomicInteger();
    AtomicInteger early = new AtomicInteger();
    timers.later(
        Duration.ofMillis(50),
        () -> {
          runs.incrementAndGet();
          if (System.nanoTime() - begun < Duration.ofMillis(50).toNanos()) {
            early.incrementAndGet();
          }
        });
    await().until(() -> runs.get() == 1);
    assertThat(early).hasValue(0);
  }

  @Test
  void whatTasksThrowEndsNeitherTheThreadNorTheRepetition() {
    AtomicInteger runs = new AtomicInteger();
    AtomicBoolean later = new AtomicBoolean();
    timers.every(
        Duration.ofMillis(1),
        () -> {
          if (runs.incrementAndGet() % 2 == 0) {
            throw new IllegalStateException("on purpose");
          }
          throw new AssertionError("on purpose");
        });
    timers.later(Duration.ofMillis(1), () -> later.set(true));
    await().until(() -> runs.get() > 5 && later.get());
  }

  @Test
  void theApplicationHearsOfALackOfMemory() {
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    AtomicBoolean heard = new AtomicBoolean();
    try {
      Thread.setDefaultUncaughtExceptionHandler(
          (thread, fault) -> heard.set(fault instanceof OutOfMemoryError));
      timers.later(
          Duration.ZERO,
          () -> {
            throw new OutOfMemoryError("on purpose");
          });
      await().dontCatchUncaughtExceptions().untilTrue(heard); // else it takes the handler's place
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
  }

  @Test
  void closingInterruptsTheTaskInWorkAndDropsTheOthers() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    AtomicBoolean interrupted = new AtomicBoolean();
    AtomicBoolean dropped = new AtomicBoolean();
    timers.later(Duration.ofMillis(200), () -> dropped.set(true));
    timers.later(
        Duration.ZERO,
        () -> {
          begun.countDown();
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException closed) {
            interrupted.set(true);
          }
        });
    begun.await();
    timers.close();
    await().untilTrue(interrupted);
    timers.later(Duration.ZERO, () -> dropped.set(true));
    assertThatThrownBy(() -> timers.every(Duration.ofMillis(1), () -> {}))
        .isInstanceOf(RejectedExecutionException.class);
    await().during(Duration.ofMillis(300)).until(() -> !dropped.get());
  }
}
