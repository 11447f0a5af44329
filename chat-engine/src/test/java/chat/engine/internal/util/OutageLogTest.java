package chat.engine.internal.util;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class OutageLogTest {
  private static final Duration PERIOD = Duration.ofMinutes(1);

  private long now = Long.MAX_VALUE - 5; // the clock may overflow
  private final OutageLog outages = new OutageLog(PERIOD, () -> now);

  @Test
  void theFirstFailureIsSaidAndThatItWorksAgain() {
    assertThat(outages.works()).as("it worked all the time").isZero();
    assertThat(outages.failed()).isTrue();
    for (int i = 0; i < 100; i++) {
      now += PERIOD.toNanos();
      assertThat(outages.failed()).as("however long it lasts").isFalse();
    }
    assertThat(outages.works()).isEqualTo(101);
    assertThat(outages.works()).as("once").isZero();
  }

  @Test
  void oneThatComesAndGoesIsSaidOnceInAPeriod() {
    assertThat(outages.failed()).isTrue();
    assertThat(outages.works()).isEqualTo(1);
    assertThat(outages.failed()).isFalse();
    assertThat(outages.works()).as("nobody knows of it").isZero();
    now += PERIOD.toNanos() - 1;
    assertThat(outages.failed()).isFalse();
    now++;
    assertThat(outages.failed()).as("it lasts until it is said").isTrue();
    assertThat(outages.works()).isEqualTo(2);
  }
}
