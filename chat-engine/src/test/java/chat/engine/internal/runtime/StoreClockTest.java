package chat.engine.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class StoreClockTest {
  private Instant node = Instant.parse("2026-01-01T00:00:00Z");
  private long nanos = 1_000;
  private final StoreClock clock = new StoreClock(() -> node, () -> nanos);

  private void observe(Duration ahead, Duration roundTrip) {
    long asked = nanos;
    nanos += roundTrip.toNanos();
    clock.observe(node.plus(ahead), asked, nanos);
  }

  private void pass(Duration time) {
    node = node.plus(time);
    nanos += time.toNanos();
  }

  @Test
  void smallDifferencesAreErrorsOfMeasurement() {
    observe(Duration.ofMillis(250), Duration.ZERO);
    assertThat(clock.instant()).isEqualTo(node);
    observe(Duration.ofMillis(-250), Duration.ZERO);
    assertThat(clock.instant()).isEqualTo(node);
    assertThat(clock.offsetMillis()).isZero();
  }

  @Test
  void largerOnesAreCorrectedEitherWay() {
    observe(Duration.ofMillis(251), Duration.ZERO);
    assertThat(clock.instant()).isEqualTo(node.plusMillis(251));
    observe(Duration.ofHours(-1), Duration.ZERO);
    assertThat(clock.instant()).isEqualTo(node.minus(Duration.ofHours(1)));
    assertThat(clock.offsetMillis()).isEqualTo(-3_600_000);
    node = node.plusSeconds(5);
    assertThat(clock.instant()).isEqualTo(node.minus(Duration.ofHours(1)));
  }

  @Test
  void theStoreAnsweredInTheMiddleOfTheRoundTripAndALongOneIsLessCertain() {
    observe(Duration.ofSeconds(10), Duration.ofSeconds(2));
    assertThat(clock.offsetMillis()).isEqualTo(11_000);
    observe(Duration.ofMillis(249), Duration.ofSeconds(2)); // measured 1,249 ms, 1,250 tolerated
    assertThat(clock.offsetMillis()).isZero();
    observe(Duration.ofMillis(251), Duration.ofSeconds(2));
    assertThat(clock.offsetMillis()).as("within what is tolerated").isEqualTo(1_251);
  }

  @Test
  void aClockThatIsSetBackIsNotBelievedUntilItIsMeasured() {
    observe(Duration.ZERO, Duration.ZERO);
    pass(Duration.ofSeconds(1));
    Instant real = node;
    node = node.minus(Duration.ofMinutes(10));
    assertThat(clock.instant()).isEqualTo(real);
    pass(Duration.ofSeconds(1));
    assertThat(clock.instant()).isEqualTo(real.plusSeconds(1));
    observe(Duration.ofMinutes(10), Duration.ZERO);
    pass(Duration.ofSeconds(1));
    assertThat(clock.instant()).isEqualTo(real.plusSeconds(2));
  }

  @Test
  void aClockThatWasWrongAndIsSetRightIsNotCorrectedAnyMore() {
    observe(Duration.ofMinutes(-10), Duration.ZERO);
    Instant real = node.minus(Duration.ofMinutes(10));
    assertThat(clock.instant()).isEqualTo(real);
    node = real;
    pass(Duration.ofSeconds(2));
    assertThat(clock.instant()).isEqualTo(real.plusSeconds(2));
  }

  @Test
  void aClockThatRanOnWhileTheMachineSleptIsBelieved() {
    observe(Duration.ofHours(1), Duration.ZERO);
    node = node.plus(Duration.ofDays(1));
    assertThat(clock.instant()).isEqualTo(node.plus(Duration.ofHours(1)));
  }

  @Test
  void whatIsDeletedGoesByTheEarlierTime() {
    assertThat(clock.earliest()).isEqualTo(node);
    observe(Duration.ofHours(1), Duration.ZERO);
    Instant real = node.plus(Duration.ofHours(1));
    pass(Duration.ofSeconds(1));
    assertThat(clock.earliest()).isEqualTo(real.plusSeconds(1));
    node = node.plus(Duration.ofDays(365));
    assertThat(clock.earliest()).isEqualTo(real.plusSeconds(1));
    node = node.minus(Duration.ofDays(366));
    assertThat(clock.earliest()).isEqualTo(node.plus(Duration.ofHours(1)));
  }

  @Test
  void aClockThatGoesALittleSlowlyIsBelieved() {
    observe(Duration.ZERO, Duration.ZERO);
    nanos += Duration.ofSeconds(5).toNanos();
    assertThat(clock.instant()).isEqualTo(node);
    nanos++;
    assertThat(clock.instant()).isEqualTo(node.plusSeconds(5).plusNanos(1));
  }

  @Test
  void aDifferenceThatIsGoneIsForgotten() {
    observe(Duration.ofSeconds(10), Duration.ZERO);
    observe(Duration.ZERO, Duration.ZERO);
    assertThat(clock.instant()).isEqualTo(node);
  }

  @Test
  void aClockThatFailsIsReplacedByTheStoresTimeAndByWhatHasPassedSince() {
    boolean[] fails = new boolean[1];
    Instant there = Instant.parse("2020-01-01T00:00:00Z");
    StoreClock failing =
        new StoreClock(
            () -> {
              if (fails[0]) {
                throw new IllegalStateException("no battery");
              }
              return node;
            },
            () -> nanos);
    failing.observe(there, nanos, nanos);
    assertThat(failing.instant()).isEqualTo(there);
    fails[0] = true;
    nanos += Duration.ofSeconds(60).toNanos();
    assertThat(failing.instant()).isEqualTo(there.plusSeconds(60));
    long offset = failing.offsetMillis();
    failing.observe(there.plusSeconds(3_600), nanos, nanos);
    assertThat(failing.instant()).isEqualTo(there.plusSeconds(3_600));
    assertThat(failing.offsetMillis()).as("not known anew").isEqualTo(offset);
    fails[0] = false;
    failing.observe(there, nanos, nanos);
    assertThat(failing.instant()).isEqualTo(there);
  }

  @Test
  void aLargeDifferenceIsLoggedOnceAndItsEndToo() {
    Logger logger = (Logger) LoggerFactory.getLogger(StoreClock.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    try {
      observe(Duration.ofSeconds(2), Duration.ZERO);
      assertThat(lines.list).as("none that people would notice").isEmpty();
      for (int i = 0; i < 1_000; i++) {
        observe(Duration.ofMinutes(2).plusMillis(i), Duration.ZERO);
      }
      assertThat(lines.list).hasSize(1);
      assertThat(lines.list.get(0).getLevel()).isEqualTo(Level.WARN);
      assertThat(lines.list.get(0).getFormattedMessage())
          .startsWith("the clock of this node differs from the clock of the store by 120000 ms");
      observe(Duration.ofMinutes(-2), Duration.ZERO);
      observe(Duration.ofMillis(300), Duration.ZERO);
      observe(Duration.ZERO, Duration.ZERO);
      assertThat(lines.list)
          .extracting(ILoggingEvent::getLevel)
          .as("another step, and the end")
          .containsExactly(Level.WARN, Level.WARN, Level.INFO);
    } finally {
      logger.detachAppender(lines);
    }
  }
}
