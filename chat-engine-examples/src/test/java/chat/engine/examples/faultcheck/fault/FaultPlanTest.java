package chat.engine.examples.faultcheck.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class FaultPlanTest {
  private static final Duration FROM = Duration.ofSeconds(4);
  private static final Duration TO = Duration.ofSeconds(42);

  private static FaultPlan plan(long seed) {
    return FaultPlan.random(new Random(seed), FaultKind.parse("all"), 3, FROM, TO);
  }

  @Test
  void aSeedHasTheSamePlanEveryTime() {
    assertThat(plan(5)).isEqualTo(plan(5)).isNotEqualTo(plan(6));
  }

  @Test
  void faultsBeginAndEndWithinTheirTimes() {
    for (long seed = 0; seed < 200; seed++) {
      assertThat(plan(seed).steps())
          .isNotEmpty()
          .allMatch(step -> step.begin().compareTo(FROM) >= 0)
          .allMatch(step -> step.end().compareTo(TO) <= 0);
    }
  }

  @Test
  void threeHundredSeedsHaveEveryFault() {
    Set<FaultKind> seen = EnumSet.noneOf(FaultKind.class);
    for (long seed = 1; seed <= 300; seed++) {
      plan(seed).steps().forEach(step -> seen.add(step.kind()));
    }
    assertThat(seen).containsExactlyInAnyOrder(FaultKind.values());
  }

  @Test
  void anUnknownFaultIsRefusedWithThoseThereAre() {
    assertThatThrownBy(() -> FaultKind.parse("node-kill,earthquake"))
        .hasMessageContaining("earthquake")
        .hasMessageContaining("redis-evict");
  }
}
