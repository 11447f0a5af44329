package chat.engine.internal.send;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import chat.engine.ErrorCode;
import chat.engine.internal.util.LogThrottle;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class CircuitBreakerTest {
  private static final RuntimeException AWAY = new IllegalStateException("away, on purpose");

  private final SendFixture.ManualDelay delay = new SendFixture.ManualDelay();
  private final AtomicInteger answers = new AtomicInteger();
  private final AtomicInteger probes = new AtomicInteger();
  private CompletableFuture<?> probed = CompletableFuture.completedFuture("works");
  private final CircuitBreaker breaker =
      new CircuitBreaker(
          () -> {
            probes.incrementAndGet();
            return probed;
          },
          delay,
          answers::incrementAndGet,
          new LogThrottle(Duration.ofHours(1)));

  private final Logger logger = (Logger) LoggerFactory.getLogger(CircuitBreaker.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

  @BeforeEach
  void listen() {
    lines.start();
    logger.setLevel(Level.INFO);
    logger.addAppender(lines);
  }

  @AfterEach
  void hush() {
    logger.detachAppender(lines);
    logger.setLevel(null);
  }

  private List<String> logged() {
    return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  private void state(boolean allowsCalls, boolean isHealthy) {
    assertThat(breaker.allowsCalls()).as("allows calls").isEqualTo(allowsCalls);
    assertThat(breaker.isHealthy()).as("is healthy").isEqualTo(isHealthy);
  }

  @Test
  void aFailureOpensItAndAProbeIsMadeAtOnce() {
    state(true, true);
    breaker.failed(AWAY);
    state(false, false);
    assertThat(probes).hasValue(0);
    assertThat(delay.end()).isZero();
    assertThat(probes).hasValue(1);
    assertThat(CircuitBreaker.refusal().code()).isEqualTo(ErrorCode.UNAVAILABLE);
  }

  @Test
  void itIsProbedUntilItAnswersAndThenLetsSendsThrough() {
    probed = CompletableFuture.failedFuture(AWAY);
    breaker.failed(AWAY);
    assertThat(delay.end()).isZero();
    for (int i = 0; i < 5; i++) {
      state(false, false);
      assertThat(delay.end()).isEqualTo(CircuitBreaker.FIRST_PROBE);
    }
    assertThat(answers).hasValue(0);
    probed = CompletableFuture.completedFuture("works");
    delay.end();
    state(true, false);
    assertThat(answers).hasValue(1);
    assertThat(probes).hasValue(7);
  }

  @Test
  void aCommitClosesItOnceItIsHalfOpen() {
    breaker.failed(AWAY);
    breaker.committed(); // was begun before
    state(false, false);
    delay.end();
    breaker.committed();
    state(true, true);
    breaker.committed();
    state(true, true);
  }

  @Test
  void aWhileWithoutAFailureClosesItToo() {
    breaker.failed(AWAY);
    delay.end();
    assertThat(delay.end()).isEqualTo(CircuitBreaker.FIRST_QUIET);
    state(true, true);
  }

  @Test
  void aFailureInBetweenKeepsItOpen() {
    breaker.failed(AWAY);
    delay.end(); // half-open; the quiet while begins
    breaker.failed(AWAY);
    state(false, false);
    assertThat(delay.end()).isEqualTo(CircuitBreaker.FIRST_QUIET);
    state(false, false);
    assertThat(delay.end()).isEqualTo(CircuitBreaker.FIRST_PROBE.multipliedBy(2));
    state(true, false);
    assertThat(delay.end()).isEqualTo(CircuitBreaker.FIRST_QUIET.multipliedBy(2));
    state(true, true);
  }

  @Test
  void anOldWhileDoesNotCloseItAfterALaterFailure() {
    breaker.failed(AWAY);
    delay.end();
    breaker.failed(AWAY);
    SendFixture.ManualDelay.Waiting oldQuiet = delay.waiting.remove(0);
    delay.end(); // half-open again
    oldQuiet.task().run();
    state(true, false);
  }

  @Test
  void probesAndWhilesGrowToABoundAndACommitMakesThemShortAgain() {
    breaker.failed(AWAY);
    delay.end();
    for (int i = 0; i < 8; i++) {
      delay.waiting.clear();
      breaker.failed(AWAY);
      delay.end();
    }
    delay.waiting.clear();
    breaker.failed(AWAY);
    assertThat(delay.end()).isEqualTo(CircuitBreaker.LONGEST_PROBE);
    assertThat(delay.end()).isEqualTo(CircuitBreaker.LONGEST_QUIET);
    breaker.failed(AWAY);
    delay.end();
    breaker.committed();
    delay.waiting.clear();
    breaker.failed(AWAY);
    delay.end();
    assertThat(delay.end()).isEqualTo(CircuitBreaker.FIRST_QUIET);
    breaker.failed(AWAY);
    delay.end();
    delay.waiting.clear();
    breaker.failed(AWAY);
    assertThat(delay.end()).isEqualTo(CircuitBreaker.FIRST_PROBE.multipliedBy(2));
  }

  @Test
  void furtherFailuresWhileItIsOpenChangeNothing() {
    breaker.failed(AWAY);
    breaker.failed(AWAY);
    breaker.failed(AWAY);
    assertThat(delay.waiting).hasSize(1);
  }

  @Test
  void aLossIsLoggedOnceAndItsEndToo() {
    breaker.failed(AWAY);
    breaker.failed(AWAY);
    delay.end();
    delay.waiting.clear();
    breaker.failed(AWAY);
    delay.end();
    breaker.committed();
    assertThat(logged())
        .containsExactly(
            "the store is not available; sends are refused until it is: " + AWAY,
            "the store works again");
    assertThat(lines.list).allSatisfy(line -> assertThat(line.getThrowableProxy()).isNull());
    delay.waiting.clear();
    breaker.failed(AWAY); // within the period
    delay.end();
    breaker.committed();
    assertThat(logged()).hasSize(2);
  }
}
