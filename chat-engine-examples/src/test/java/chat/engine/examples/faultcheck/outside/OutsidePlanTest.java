package chat.engine.examples.faultcheck.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class OutsidePlanTest {
  private static final Duration FROM = Duration.ofSeconds(3);
  private static final Duration TO = Duration.ofSeconds(57);

  private static OutsidePlan plan(long seed) {
    return OutsidePlan.random(new Random(seed), 2, FROM, TO);
  }

  @Test
  void aSeedHasTheSameFaultsAgain() {
    assertThat(plan(7)).isEqualTo(plan(7)).isNotEqualTo(plan(8));
  }

  @Test
  void faultsKeepWithinTheirTimesAndOneAtLeastIsOfANode() {
    for (long seed = 0; seed < 200; seed++) {
      OutsidePlan plan = plan(seed);
      assertThat(plan.steps()).as("seed %d", seed).anyMatch(step -> step.kind().isOfNode());
      assertThat(plan.steps())
          .as("seed %d", seed)
          .hasSizeBetween(1, 7)
          .allMatch(step -> step.begin().compareTo(FROM) >= 0 && step.end().compareTo(TO) <= 0);
    }
  }
}
