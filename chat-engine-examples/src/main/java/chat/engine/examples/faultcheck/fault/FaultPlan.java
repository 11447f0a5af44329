package chat.engine.examples.faultcheck.fault;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Which faults a run has, and when; the same for the same seed. Immutable.
 *
 * @param steps in no particular order
 */
public record FaultPlan(List<Step> steps) {
  private static final int MOST_STEPS = 5;
  private static final int ATTEMPTS = 50;
  private static final Duration SHORTEST = Duration.ofMillis(500);

  /**
   * @param node that it concerns, if it concerns one
   * @param begin since the run began
   * @param seed for what the fault itself chooses
   */
  public record Step(FaultKind kind, int node, Duration begin, Duration length, long seed) {
    Duration end() {
      return begin.plus(length);
    }

    public String detail() {
      return kind.part().isOfOneNode() && !kind.isRolling() ? "n" + node : "";
    }

    private boolean disturbs(Step other) {
      boolean atOnce = begin.compareTo(other.end()) < 0 && other.begin().compareTo(end()) < 0;
      boolean sameNode =
          !kind.part().isOfOneNode()
              || node == other.node()
              || kind.isRolling()
              || other.kind().isRolling();
      return atOnce && sameNode && kind.part() == other.kind().part();
    }
  }

  public FaultPlan {
    steps = List.copyOf(steps);
  }

  /**
   * Faults between the two times, most of them short, some as long as there is time.
   *
   * @param kinds to choose from
   */
  public static FaultPlan random(
      Random random, List<FaultKind> kinds, int nodes, Duration from, Duration to) {
    List<Step> steps = new ArrayList<>();
    int wanted = kinds.isEmpty() ? 0 : 1 + random.nextInt(MOST_STEPS);
    for (int attempt = 0; attempt < ATTEMPTS && steps.size() < wanted; attempt++) {
      Step step = step(random, kinds, nodes, from, to);
      if (steps.stream().noneMatch(step::disturbs)) {
        steps.add(step);
      }
    }
    return new FaultPlan(steps);
  }

  private static Step step(
      Random random, List<FaultKind> kinds, int nodes, Duration from, Duration to) {
    FaultKind kind = kinds.get(random.nextInt(kinds.size()));
    long window = to.minus(from).toMillis();
    double share = random.nextInt(4) == 0 ? random.nextDouble() : random.nextDouble() / 5;
    long length = Math.max(SHORTEST.toMillis(), (long) (share * window));
    long begin = from.toMillis() + (long) (random.nextDouble() * Math.max(0, window - length));
    return new Step(
        kind,
        kind.part().isOfOneNode() ? random.nextInt(nodes) : 0,
        Duration.ofMillis(begin),
        Duration.ofMillis(length),
        random.nextLong());
  }
}
