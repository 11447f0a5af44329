package chat.engine.examples.faultcheck.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.examples.faultcheck.fault.FaultPlan.Step;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
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

  private static FaultPlan planWithLongStop(long seed) {
    return FaultPlan.withLongStop(new Random(seed), FaultKind.parse("all"), 3, FROM, TO);
  }

  @Test
  void aLongStopTakesFiveToNinetySecondsAndThePlanAsLong() {
    Set<FaultKind> stops = EnumSet.noneOf(FaultKind.class);
    long shortest = Long.MAX_VALUE;
    long longest = 0;
    for (long seed = 0; seed < 300; seed++) {
      FaultPlan plan = planWithLongStop(seed);
      Step stop = plan.steps().get(0);
      stops.add(stop.kind());
      shortest = Math.min(shortest, stop.length().toMillis());
      longest = Math.max(longest, stop.length().toMillis());
      assertThat(stop.begin()).isBetween(FROM, FROM.plusSeconds(10));
      assertThat(plan.end()).isGreaterThanOrEqualTo(stop.end());
      assertThat(plan.steps())
          .as("other faults, until the stop ends or the plan was to end")
          .hasSizeBetween(2, 6)
          .allMatch(step -> step.end().compareTo(stop.end()) <= 0 || isWithin(step));
    }
    assertThat(shortest).isBetween(5_000L, 7_000L);
    assertThat(longest).isBetween(88_000L, 90_000L);
    assertThat(stops)
        .containsExactlyInAnyOrder(
            FaultKind.NODE_STOP,
            FaultKind.POSTGRES_PAUSE,
            FaultKind.REDIS_PAUSE,
            FaultKind.POSTGRES_HOLE,
            FaultKind.POSTGRES_HOLE_UP,
            FaultKind.POSTGRES_HOLE_DOWN,
            FaultKind.REDIS_HOLE,
            FaultKind.REDIS_HOLE_UP,
            FaultKind.REDIS_HOLE_DOWN,
            FaultKind.CLIENT_HOLE,
            FaultKind.CLIENT_HOLE_UP,
            FaultKind.CLIENT_HOLE_DOWN);
  }

  private static boolean isWithin(Step step) {
    return step.end().compareTo(TO) <= 0;
  }

  @Test
  void seedsThatFollowOneAnotherStopDifferentThings() {
    List<FaultKind> kinds = FaultKind.parse("node-stop,postgres-pause,redis-hole,client-hole");
    Set<FaultKind> stops = EnumSet.noneOf(FaultKind.class);
    for (long seed = 2010; seed < 2030; seed++) {
      stops.add(FaultPlan.withLongStop(new Random(seed), kinds, 3, FROM, TO).steps().get(0).kind());
    }
    assertThat(stops).containsExactlyInAnyOrderElementsOf(kinds);
  }

  @Test
  void aSeedHasTheSameLongStopEveryTime() {
    assertThat(planWithLongStop(5))
        .isEqualTo(planWithLongStop(5))
        .isNotEqualTo(planWithLongStop(6));
  }

  @Test
  void faultsOfWhichNoneStandsStillHaveNoLongStop() {
    List<FaultKind> kinds = FaultKind.parse("node-kill,redis-flush");
    assertThat(FaultPlan.withLongStop(new Random(7), kinds, 3, FROM, TO))
        .isEqualTo(FaultPlan.random(new Random(7), kinds, 3, FROM, TO));
    assertThat(FaultPlan.withLongStop(new Random(7), List.of(), 3, FROM, TO).steps()).isEmpty();
  }

  @Test
  void anUnknownFaultIsRefusedWithThoseThereAre() {
    assertThatThrownBy(() -> FaultKind.parse("node-kill,earthquake"))
        .hasMessageContaining("earthquake")
        .hasMessageContaining("redis-evict");
  }
}
