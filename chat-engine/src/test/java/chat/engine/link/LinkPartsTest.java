package chat.engine.link;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.testing.Logged;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Pauses and the log of faults, each by itself. */
final class LinkPartsTest {
  private static long millis(Backoff backoff) {
    return Duration.ofNanos(backoff.nextNanos()).toMillis();
  }

  @Test
  void aPauseDoublesUpToItsLimitAndHalfOfItIsRandom() {
    Backoff backoff = new Backoff(() -> 0L);
    assertThat(List.of(millis(backoff), millis(backoff), millis(backoff)))
        .containsExactly(50L, 100L, 200L);
    assertThat(List.of(millis(backoff), millis(backoff), millis(backoff), millis(backoff)))
        .containsExactly(400L, 800L, 1_000L, 1_000L);
    backoff.reset();
    assertThat(millis(backoff)).isEqualTo(50);
    Backoff random = new Backoff(new SplittableRandom(1));
    for (int i = 0; i < 1_000; i++) {
      random.reset();
      assertThat(millis(random)).isBetween(50L, 100L);
    }
  }

  @Test
  void aCauseIsSaidOnceAndAgainAfterAWhileWithItsCount() {
    AtomicLong now = new AtomicLong(5);
    try (Logged logged = Logged.below("chat.test.faults")) {
      FaultLog faults =
          new FaultLog(LoggerFactory.getLogger("chat.test.faults"), "Redis", now::get);
      faults.works();
      assertThat(logged.lines()).isEmpty();
      faults.failed("OOM", new IllegalStateException("OOM no room"));
      faults.failed("OOM", new IllegalStateException("OOM no room for something else"));
      faults.failed("NOPERM", new IllegalStateException("NOPERM no"));
      assertThat(logged.warnings()).hasSize(2);
      now.addAndGet(FaultLog.REPEAT.toNanos() - 1);
      faults.warn("OOM", "still");
      assertThat(logged.warnings()).hasSize(2);
      now.addAndGet(1);
      faults.warn("OOM", "however long it lasts");
      faults.warnUnlessKnown("silence", "a consequence");
      assertThat(logged.warnings()).hasSize(2);
      faults.works();
      assertThat(logged.lines("works again")).hasSize(1);
      faults.warn("OOM", "still");
      assertThat(logged.warnings().get(2))
          .isEqualTo("WARN still (3 times more since this was said last)");
      faults.works();
      faults.works();
      assertThat(logged.lines("works again")).hasSize(2);
      faults.warn("OOM", "at once");
      assertThat(logged.warnings()).hasSize(3);
      faults.works();
      assertThat(logged.lines("works again")).hasSize(2);
      faults.warnUnlessKnown("silence", "nothing comes");
      assertThat(logged.warnings()).hasSize(4);
    }
  }

  @Test
  void theLogForgetsOldCausesRatherThanToGrow() {
    try (Logged logged = Logged.below("chat.test.faults")) {
      FaultLog faults = new FaultLog(LoggerFactory.getLogger("chat.test.faults"), "Redis", () -> 0);
      for (int i = 0; i < 100; i++) {
        faults.warn("cause " + i, "once");
      }
      faults.warn("cause 99", "again");
      assertThat(logged.warnings()).hasSize(100);
      faults.warn("cause 0", "again");
      assertThat(logged.warnings()).hasSize(101);
    }
  }
}
