package chat.engine.examples.faultcheck.outside;

import chat.engine.examples.faultcheck.check.outside.OutsideNames;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which faults a run has, and when; the same for the same seed. Immutable.
 *
 * @param steps ascending by their beginning
 */
record OutsidePlan(List<Step> steps) {
  private static final int FEWEST = 3;
  private static final int MOST = 7;
  private static final int ATTEMPTS = 50;

  /** A node that was killed needs some time to come back. */
  private static final Duration RETURN = Duration.ofSeconds(4);

  private static final List<String> OUTSIDE =
      Stream.concat(OutsideNames.HOOKS.stream(), OutsideNames.BOTS.stream()).toList();

  /** What goes wrong; the rest of the name is in the history. */
  enum Kind {
    NODE_KILL(1, 8),
    NODE_STOP(5, 20),
    /** Status 503. */
    REFUSE(1, 10),
    /** No answer at all. */
    HANG(1, 10),
    /** What is no answer. */
    GARBAGE(1, 10),
    /** An answer that breaks off. */
    CUT(1, 10);

    private final int leastSeconds;
    private final int mostSeconds;

    Kind(int leastSeconds, int mostSeconds) {
      this.leastSeconds = leastSeconds;
      this.mostSeconds = mostSeconds;
    }

    boolean isOfNode() {
      return this == NODE_KILL || this == NODE_STOP;
    }

    String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * @param target a node such as {@code n0}, a webhook or a bot
   * @param begin since the run began
   */
  record Step(Kind kind, String target, Duration begin, Duration length) {
    Duration end() {
      return begin.plus(length);
    }

    /** One of one target is enough; and with all nodes down nobody could do anything. */
    private boolean disturbs(Step other) {
      boolean together =
          begin.compareTo(other.end().plus(RETURN)) < 0
              && other.begin().compareTo(end().plus(RETURN)) < 0;
      boolean ofNodes = kind.isOfNode() && other.kind().isOfNode();
      boolean kills = kind == Kind.NODE_KILL || other.kind() == Kind.NODE_KILL;
      return together && (target.equals(other.target()) || (ofNodes && kills));
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%s %s %.1f+%.1fs",
          kind.label(),
          target,
          begin.toMillis() / 1e3,
          length.toMillis() / 1e3);
    }
  }

  OutsidePlan {
    steps = List.copyOf(steps);
  }

  /** Faults that begin and end between the two times; one of them, at least, is of a node. */
  static OutsidePlan random(Random random, int nodes, Duration from, Duration to) {
    List<Step> steps = new ArrayList<>();
    int wanted = FEWEST + random.nextInt(MOST - FEWEST + 1);
    for (int i = 0; i < ATTEMPTS && steps.size() < wanted; i++) {
      Kind[] kinds = Kind.values();
      Kind kind = steps.isEmpty() ? kinds[random.nextInt(2)] : kinds[random.nextInt(kinds.length)];
      Step step = step(random, kind, nodes, from, to);
      if (steps.stream().noneMatch(step::disturbs)) {
        steps.add(step);
      }
    }
    steps.sort(Comparator.comparing(Step::begin));
    return new OutsidePlan(steps);
  }

  private static Step step(Random random, Kind kind, int nodes, Duration from, Duration to) {
    String target =
        kind.isOfNode() ? "n" + random.nextInt(nodes) : OUTSIDE.get(random.nextInt(OUTSIDE.size()));
    long window = to.minus(from).toMillis();
    long length =
        Math.min(
            window,
            kind.leastSeconds * 1_000L
                + random.nextInt((kind.mostSeconds - kind.leastSeconds) * 1_000));
    long begin = from.toMillis() + (long) (random.nextDouble() * (window - length));
    return new Step(kind, target, Duration.ofMillis(begin), Duration.ofMillis(length));
  }

  @Override
  public String toString() {
    return steps.stream().map(Step::toString).collect(Collectors.joining(", "));
  }
}
