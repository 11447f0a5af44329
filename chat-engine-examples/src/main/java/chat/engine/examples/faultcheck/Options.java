package chat.engine.examples.faultcheck;

import chat.engine.examples.faultcheck.fault.FaultKind;
import chat.engine.examples.faultcheck.node.RouterKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What FaultCheck was asked for. Immutable.
 *
 * @param length of a run
 * @param parallel how many clusters run seeds side by side
 * @param sabotage a deliberate fault of all nodes; then every seed must break a promise
 * @param keep where histories and logs go; null to keep them of violations only, in a temporary
 *     folder
 * @param check a history to check again, in place of running anything
 * @param router what links the nodes
 */
public record Options(
    long firstSeed,
    int seeds,
    Duration length,
    int nodes,
    int users,
    int parallel,
    List<FaultKind> faults,
    String sabotage,
    @Nullable Path keep,
    @Nullable Path check,
    RouterKind router) {
  /** The arguments, for people. */
  public static final String USAGE =
      "FaultCheck [--seeds N] [--first-seed S] [--seconds 60] [--nodes 3] [--users 14] [--parallel 1]"
          + " [--faults all|none|a,b,c] [--sabotage NAME] [--router redis|postgres] [--keep FOLDER]"
          + " | --check HISTORY";

  private static final Duration SHORT = Duration.ofSeconds(40);
  private static final Duration SHORTEST = Duration.ofSeconds(20);

  private static final Options DEFAULTS =
      new Options(
          1,
          1,
          Duration.ofSeconds(60),
          3,
          14,
          1,
          FaultKind.parse("all"),
          "none",
          null,
          null,
          RouterKind.REDIS);

  public Options {
    if (length.compareTo(SHORTEST) < 0) {
      throw new IllegalArgumentException("--seconds must be " + SHORTEST.toSeconds() + " or more");
    }
    if (nodes < 1 || users < 4 || seeds < 1 || parallel < 1) {
      throw new IllegalArgumentException("at least 1 seed, 1 node, 4 users: " + USAGE);
    }
  }

  /**
   * Quiet time at the end of a run, in which everything must heal. In short runs it is too short to
   * say anything about presence.
   */
  Duration tail() {
    return Duration.ofSeconds(length.compareTo(SHORT) < 0 ? 12 : 18);
  }

  /** Those of the faults that there can be with this router. */
  List<FaultKind> possibleFaults() {
    return faults.stream().filter(fault -> fault.concerns(router)).toList();
  }

  boolean isSabotaged() {
    return !sabotage.equals("none");
  }

  /**
   * @throws IllegalArgumentException for an unknown option, or a value that makes no sense
   */
  public static Options parse(String... args) {
    Options options = DEFAULTS;
    for (int i = 0; i < args.length; i += 2) {
      if (i + 1 == args.length) {
        throw new IllegalArgumentException(args[i] + " needs a value: " + USAGE);
      }
      options = options.with(args[i], args[i + 1]);
    }
    return options;
  }

  private Options with(String name, String value) {
    return switch (name) {
      case "--seeds" ->
          new Options(
              firstSeed,
              Integer.parseInt(value),
              length,
              nodes,
              users,
              parallel,
              faults,
              sabotage,
              keep,
              check,
              router);
      case "--first-seed" ->
          new Options(
              Long.parseLong(value),
              seeds,
              length,
              nodes,
              users,
              parallel,
              faults,
              sabotage,
              keep,
              check,
              router);
      case "--seconds" ->
          new Options(
              firstSeed,
              seeds,
              Duration.ofSeconds(Long.parseLong(value)),
              nodes,
              users,
              parallel,
              faults,
              sabotage,
              keep,
              check,
              router);
      case "--nodes" ->
          new Options(
              firstSeed,
              seeds,
              length,
              Integer.parseInt(value),
              users,
              parallel,
              faults,
              sabotage,
              keep,
              check,
              router);
      case "--users" ->
          new Options(
              firstSeed,
              seeds,
              length,
              nodes,
              Integer.parseInt(value),
              parallel,
              faults,
              sabotage,
              keep,
              check,
              router);
      case "--parallel" ->
          new Options(
              firstSeed,
              seeds,
              length,
              nodes,
              users,
              Integer.parseInt(value),
              faults,
              sabotage,
              keep,
              check,
              router);
      case "--faults" ->
          new Options(
              firstSeed,
              seeds,
              length,
              nodes,
              users,
              parallel,
              FaultKind.parse(value),
              sabotage,
              keep,
              check,
              router);
      case "--sabotage" ->
          new Options(
              firstSeed, seeds, length, nodes, users, parallel, faults, value, keep, check, router);
      case "--keep" ->
          new Options(
              firstSeed,
              seeds,
              length,
              nodes,
              users,
              parallel,
              faults,
              sabotage,
              Path.of(value),
              check,
              router);
      case "--check" ->
          new Options(
              firstSeed,
              seeds,
              length,
              nodes,
              users,
              parallel,
              faults,
              sabotage,
              keep,
              Path.of(value),
              router);
      case "--router" ->
          new Options(
              firstSeed,
              seeds,
              length,
              nodes,
              users,
              parallel,
              faults,
              sabotage,
              keep,
              check,
              RouterKind.labelled(value));
      default -> throw new IllegalArgumentException("unknown option " + name + ": " + USAGE);
    };
  }
}
