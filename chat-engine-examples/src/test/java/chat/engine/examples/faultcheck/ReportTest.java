package chat.engine.examples.faultcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.fault.FaultKind;
import chat.engine.examples.faultcheck.fault.FaultPlan;
import chat.engine.examples.faultcheck.history.History;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ReportTest {
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final Report report =
      new Report(new PrintStream(printed, true, StandardCharsets.UTF_8), history -> List.of());

  private static FaultPlan plan(FaultKind... kinds) {
    return new FaultPlan(
        Stream.of(kinds)
            .map(kind -> new FaultPlan.Step(kind, 0, Duration.ZERO, Duration.ofSeconds(1), 1))
            .toList());
  }

  private static Violation violation(int promise) {
    return new Violation(promise, "on purpose", Violation.Scope.EVERYTHING);
  }

  private void add(long seed, FaultPlan plan, Violation... violations) {
    report.add(new SeedResult(seed, plan, new History(List.of(), List.of()), List.of(violations)));
  }

  @Test
  void theTableTellsHowOftenWhichFaultBrokeWhichPromise() {
    add(1, plan(FaultKind.NODE_KILL, FaultKind.NODE_KILL, FaultKind.NODE_STOP));
    add(2, plan(FaultKind.NODE_KILL), violation(3), violation(3), violation(7));
    add(3, plan());
    report.summary();
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .endsWith(
            String.join(
                System.lineSeparator(),
                "| fault | runs | broken | promises |",
                "|---|---|---|---|",
                "| node-kill | 2 | 1 | 3 (1x), 7 (1x) |",
                "| node-stop | 1 | 0 |  |",
                "| all | 3 | 1 | 3 (1x), 7 (1x) |",
                ""));
    assertThat(report.allPassed()).isFalse();
    assertThat(report.allBroken()).isFalse();
  }

  @Test
  void itKnowsWhetherAllSeedsPassedOrWereBroken() {
    add(1, plan());
    assertThat(report.allPassed()).isTrue();
    Report other =
        new Report(new PrintStream(printed, true, StandardCharsets.UTF_8), history -> List.of());
    other.add(new SeedResult(2, plan(), new History(List.of(), List.of()), List.of(violation(1))));
    assertThat(other.allBroken()).isTrue();
    assertThat(other.allPassed()).isFalse();
  }

  /** A run of hours has thousands of them. */
  @Test
  void historiesAreNotKept() {
    WeakReference<History> history = added();
    await()
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(history.get()).isNull();
            });
    assertThat(report.allPassed()).isTrue();
  }

  private WeakReference<History> added() {
    History history = new History(List.of(), List.of());
    report.add(new SeedResult(1, plan(FaultKind.NODE_KILL), history, List.of()));
    return new WeakReference<>(history);
  }
}
