package chat.engine.examples.faultcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.examples.faultcheck.fault.FaultKind;
import chat.engine.examples.faultcheck.fault.FaultPlan;
import chat.engine.examples.faultcheck.node.RouterKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class OptionsTest {
  @Test
  void everyOptionIsRead() {
    Options options =
        Options.parse(
            "--first-seed",
            "2000",
            "--seeds",
            "4",
            "--seconds",
            "30",
            "--nodes",
            "2",
            "--users",
            "5",
            "--parallel",
            "3",
            "--faults",
            "node-kill",
            "--sabotage",
            "leak",
            "--router",
            "postgres",
            "--keep",
            "here",
            "--check",
            "that",
            "--long-stop-every",
            "7");
    assertThat(options)
        .isEqualTo(
            new Options(
                2000,
                4,
                Duration.ofSeconds(30),
                2,
                5,
                3,
                List.of(FaultKind.NODE_KILL),
                "leak",
                Path.of("here"),
                Path.of("that"),
                RouterKind.POSTGRES,
                7));
  }

  @Test
  void whatMakesNoSenseIsRefusedWithWhatThereIs() {
    assertThatThrownBy(() -> Options.parse("--speed", "7"))
        .hasMessageContaining("--speed")
        .hasMessageContaining("--long-stop-every");
    assertThatThrownBy(() -> Options.parse("--seeds"))
        .hasMessageContaining("--seeds needs a value");
    assertThatThrownBy(() -> Options.parse("--long-stop-every", "-1"))
        .hasMessageContaining("--long-stop-every");
    assertThatThrownBy(() -> Options.parse("--seconds", "19")).hasMessageContaining("20");
    assertThatThrownBy(() -> Options.parse("--users", "3")).hasMessageContaining("4 users");
  }

  @Test
  void oneSeedOfFiveHasALongStopUnlessOtherwiseAsked() {
    assertThat(withLongStop(Options.parse())).containsExactly(2004, 2009);
    assertThat(withLongStop(Options.parse("--long-stop-every", "4"))).containsExactly(2003, 2007);
    assertThat(withLongStop(Options.parse("--long-stop-every", "1"))).hasSize(11);
    assertThat(withLongStop(Options.parse("--long-stop-every", "0"))).isEmpty();
  }

  private static long[] withLongStop(Options options) {
    return LongStream.rangeClosed(2000, 2010).filter(options::hasLongStop).toArray();
  }

  @Test
  void aRunOfAMinuteIsLongerIfItsStopIs() {
    Options options = Options.parse();
    assertThat(LongStream.range(0, 500).mapToObj(seed -> SeedRun.plan(options, seed)))
        .as("some stops of more than a minute")
        .anyMatch(plan -> longest(plan).compareTo(Duration.ofSeconds(60)) > 0);
    assertThat(
            LongStream.range(0, 500)
                .filter(seed -> !options.hasLongStop(seed))
                .mapToObj(seed -> SeedRun.plan(options, seed)))
        .allMatch(plan -> plan.end().compareTo(options.activity()) <= 0);
  }

  private static Duration longest(FaultPlan plan) {
    return plan.steps().stream()
        .map(FaultPlan.Step::length)
        .max(Duration::compareTo)
        .orElse(Duration.ZERO);
  }
}
