package chat.engine.postgres.router.link;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.testing.Logged;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Pauses, failures and the log of faults, each by itself. */
final class SmallPartsTest {
  private static final String LOG = "chat.test.postgres.faults";

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

  // ---- failures

  private static LinkFailure failure(String state) {
    return LinkFailure.of(new SQLException("said the server", state));
  }

  @Test
  void aConnectionThatIsGoneIsBrokenAndOneCauseForTheLog() {
    for (String state : List.of("08006", "08001", "57P01", "57P02", "57P03", "57P05")) {
      assertThat(failure(state).isBroken()).as(state).isTrue();
      assertThat(failure(state).code()).isEqualTo("connection");
      assertThat(failure(state)).hasMessage("said the server");
    }
    assertThat(LinkFailure.of(new SQLException("without a state")).isBroken()).isTrue();
  }

  @Test
  void aNetworkThatFailsIsNamedWithTheWordsOfTheSystem() {
    LinkFailure failure =
        LinkFailure.of(
            new SQLException(
                "An I/O error", "XX999", new SocketTimeoutException("Read timed out")));
    assertThat(failure.isBroken()).isTrue();
    assertThat(failure).hasMessage("An I/O error (Read timed out)");
    LinkFailure deep =
        LinkFailure.of(
            new SQLException("outer", "XX999", new IllegalStateException(new IOException("in"))));
    assertThat(deep.isBroken()).isTrue();
    assertThat(deep).hasMessage("outer");
  }

  @Test
  void aStatementThatIsRefusedLeavesTheConnection() {
    assertThat(failure("55P03").isBroken()).isFalse();
    assertThat(failure("55P03").code()).isEqualTo("55P03");
    assertThat(failure("42P01").isBroken()).isFalse();
    assertThat(failure("42P01"))
        .hasMessageContaining("the tables are made when a PostgresMessageStore is opened");
  }

  @Test
  void aServerThatBecameReadOnlyIsLeft() {
    assertThat(failure("25006").isBroken()).isTrue();
    assertThat(failure("25006").code()).isEqualTo("25006");
  }

  @Test
  void aCallOverALinkThatWasGivenUpSaysWhy() {
    assertThat(LinkFailure.givenUp(null)).hasMessage("the connection was given up");
    assertThat(LinkFailure.givenUp(null).isBroken()).isTrue();
    LinkFailure why = failure("25006");
    assertThat(LinkFailure.givenUp(why)).hasMessage("said the server").hasCause(why);
    assertThat(LinkFailure.givenUp(why).code()).isEqualTo("25006");
  }

  // ---- the log

  @Test
  void aCauseIsSaidOnceAndAgainAfterAWhileWithItsCount() {
    AtomicLong now = new AtomicLong(5);
    try (Logged logged = Logged.below(LOG)) {
      FaultLog faults = new FaultLog(LoggerFactory.getLogger(LOG), now::get);
      faults.works();
      assertThat(logged.lines()).isEmpty();
      faults.failed(failure("08006"));
      faults.failed(failure("57P01"));
      faults.failed(failure("55P03"));
      assertThat(logged.warnings()).hasSize(2);
      now.addAndGet(FaultLog.REPEAT.toNanos() - 1);
      faults.warn("connection", "still");
      assertThat(logged.warnings()).hasSize(2);
      now.addAndGet(1);
      faults.warn("connection", "still");
      assertThat(logged.warnings().get(2))
          .isEqualTo("WARN still (2 times more since this was said last)");
      faults.works();
      faults.works();
      assertThat(logged.lines("works again")).hasSize(1);
    }
  }

  @Test
  void theLogForgetsOldCausesRatherThanToGrow() {
    try (Logged logged = Logged.below(LOG)) {
      FaultLog faults = new FaultLog(LoggerFactory.getLogger(LOG), () -> 0);
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
