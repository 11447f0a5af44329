package chat.engine.internal.util;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class LogThrottleTest {
  @Test
  void theFirstLineIsWrittenAndTheOthersOfThePeriodAreCounted() {
    LogThrottle throttle = new LogThrottle(Duration.ofMillis(200));
    assertThat(throttle.due()).isEqualTo(1);
    AtomicLong calls = new AtomicLong();
    AtomicLong due = new AtomicLong();
    await()
        .pollInterval(Duration.ofMillis(5))
        .until(
            () -> {
              calls.incrementAndGet();
              due.set(throttle.due());
              return due.get() > 0;
            });
    assertThat(due.get()).as("stands for all since the last").isEqualTo(calls.get());
    assertThat(calls.get()).isGreaterThan(1);
  }

  @Test
  void atOneTimeOneLineIsWritten() {
    LogThrottle throttle = new LogThrottle(Duration.ofHours(1));
    long written = IntStream.range(0, 10_000).parallel().filter(i -> throttle.due() > 0).count();
    assertThat(written).isEqualTo(1);
  }
}
