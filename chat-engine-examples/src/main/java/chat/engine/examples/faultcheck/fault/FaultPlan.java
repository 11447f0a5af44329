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

  /** When a long stop begins at the latest, after the time from which there are faults. */
  private static final Duration BEFORE_A_LONG_STOP = Duration.ofSeconds(10);

  private static final Duration SHORTEST_LONG_STOP = Duration.ofSeconds(5);
  private static final Duration LONGEST_LONG_STOP = Duration.ofSeconds(90);

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
    return fill(new ArrayList<>(), random, kinds, nodes, from, to);
  }

  /**
   * A process that stands still, or a link that is a black hole, for 5 to 90 s, and other faults
   * beside it as in {@link #random}. Ends later than asked for if the stop does. Without a kind of
   * fault that stands still, there is no stop.
   */
  public static FaultPlan withLongStop(
      Random random, List<FaultKind> kinds, int nodes, Duration from, Duration to) {
    List<FaultKind> stops = kinds.stream().filter(FaultKind::isStandstill).toList();
    if (stops.isEmpty()) {
      return random(random, kinds, nodes, from, to);
    }
    // Mixed, because the first numbers of a Random differ little from one seed to the next.
    Random mixed = new Random(random.nextLong());
    FaultKind kind = stops.get(mixed.nextInt(stops.size()));
    long length = between(mixed, SHORTEST_LONG_STOP.toMillis(), LONGEST_LONG_STOP.toMillis());
    long begin = from.toMillis() + between(mixed, 0, BEFORE_A_LONG_STOP.toMillis());
    Step stop = step(mixed, kind, nodes, Duration.ofMillis(begin), Duration.ofMillis(length));
    List<Step> steps = new ArrayList<>(List.of(stop));
    return fill(steps, random, kinds, nodes, from, later(stop.end(), to));
  }

  private static FaultPlan fill(
      List<Step> steps,
      Random random,
      List<FaultKind> kinds,
      int nodes,
      Duration from,
      Duration to) {
    int wanted = kinds.isEmpty() ? 0 : 1 + random.nextInt(MOST_STEPS) + steps.size();
    for (int attempt = 0; attempt < ATTEMPTS && steps.size() < wanted; attempt++) {
      Step step = anyStep(random, kinds, nodes, from, to);
      if (steps.stream().noneMatch(step::disturbs)) {
        steps.add(step);
      }
    }
    return new FaultPlan(steps);
  }

  /** When the last fault is over, since the run began. */
  public Duration end() {
    return steps.stream().map(Step::end).reduce(Duration.ZERO, FaultPlan::later);
  }

  private static Duration later(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  private static long between(Random random, long least, long most) {
    return least + (long) (random.nextDouble() * (most - least));
  }

  private static Step anyStep(
      Random random, List<FaultKind> kinds, int nodes, Duration from, Duration to) {
    FaultKind kind = kinds.get(random.nextInt(kinds.size()));
    long window = to.minus(from).toMillis();
    double share = random.nextInt(4) == 0 ? random.nextDouble() : random.nextDouble() / 5;
    long length = Math.max(SHORTEST.toMillis(), (long) (share * window));
    long begin = from.toMillis() + (long) (random.nextDouble() * Math.max(0, window - length));
    return step(random, kind, nodes, Duration.ofMillis(begin), Duration.ofMillis(length));
  }

  private static Step step(
      Random random, FaultKind kind, int nodes, Duration begin, Duration length) {
    int node = kind.part().isOfOneNode() ? random.nextInt(nodes) : 0;
    return new Step(kind, node, begin, length, random.nextLong());
  }
}
