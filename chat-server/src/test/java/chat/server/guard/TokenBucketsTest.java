package chat.server.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** On a clock that the test moves. */
final class TokenBucketsTest {
  private long now;
  private final TokenBuckets buckets =
      new TokenBuckets(new Rate(3, Duration.ofSeconds(30)), () -> now);

  private void after(Duration time) {
    now += time.toNanos();
  }

  @Test
  void thereAreSoManyAtOnceAndThenOneAfterTheOther() {
    for (int i = 0; i < 3; i++) {
      assertThat(buckets.take("ada")).isEmpty();
    }
    assertThat(buckets.take("ada")).contains(Duration.ofSeconds(10));
    assertThat(buckets.take("bob")).as("another key").isEmpty();
    after(Duration.ofSeconds(4));
    assertThat(buckets.take("ada")).contains(Duration.ofSeconds(6));
    after(Duration.ofSeconds(6));
    assertThat(buckets.take("ada")).isEmpty();
    assertThat(buckets.take("ada")).isPresent();
  }

  @Test
  void whatIsGivenBackCanBeTakenAgainAndThereAreNeverMoreThanAtTheBeginning() {
    assertThat(buckets.take("ada")).isEmpty();
    for (int i = 0; i < 5; i++) {
      buckets.giveBack("ada");
    }
    after(Duration.ofDays(1));
    for (int i = 0; i < 3; i++) {
      assertThat(buckets.take("ada")).isEmpty();
    }
    assertThat(buckets.take("ada")).isPresent();
  }

  @Test
  void withoutALimitThereIsNone() {
    TokenBuckets any = new TokenBuckets(new Rate(0, Duration.ofHours(1)), () -> now);
    for (int i = 0; i < 1_000; i++) {
      assertThat(any.take("ada")).isEmpty();
    }
  }
}
