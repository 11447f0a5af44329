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
 * @param length of a run, but for those with a long stop, which take as long as that needs
 * @param parallel how many clusters run seeds side by side
 * @param sabotage a deliberate fault of all nodes; then every seed must break a promise
 * @param keep where histories and logs go; null to keep them of violations only, in a temporary
 *     folder
 * @param check a history to check again, in place of running anything
 * @param router what links the nodes
 * @param longStopEvery one of so many seeds has a process or a link that stands still for 5 to 90
 *     s; 0 for none
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
    RouterKind router,
    int longStopEvery) {
  /** The arguments, for people. */
  public static final String USAGE =
      "FaultCheck [--seeds N] [--first-seed S] [--seconds 60] [--nodes 3] [--users 14] [--parallel 1]"
          + " [--faults all|none|a,b,c] [--sabotage NAME] [--router redis|postgres]"
          + " [--long-stop-every 5] [--keep FOLDER] | --check HISTORY";

  private static final Duration SHORT = Duration.ofSeconds(40);
  private static final Duration SHORTEST = Duration.ofSeconds(20);

  public Options {
    if (length.compareTo(SHORTEST) < 0) {
      throw new IllegalArgumentException("--seconds must be " + SHORTEST.toSeconds() + " or more");
    }
    if (nodes < 1 || users < 4 || seeds < 1 || parallel < 1) {
      throw new IllegalArgumentException("at least 1 seed, 1 node, 4 users: " + USAGE);
    }
    if (longStopEvery < 0) {
      throw new IllegalArgumentException("--long-stop-every must be 0 or more");
    }
  }

  /**
   * Quiet time at the end of a run, in which everything must heal. In short runs it is too short to
   * say anything about presence.
   */
  Duration tail() {
    return Duration.ofSeconds(length.compareTo(SHORT) < 0 ? 12 : 18);
  }

  /** How long users do something, without long stops. */
  Duration activity() {
    return length.minus(tail());
  }

  /** Whether a process or a link stands still for long, if the faults have one that does. */
  boolean hasLongStop(long seed) {
    return longStopEvery > 0 && Math.floorMod(seed, longStopEvery) == longStopEvery - 1;
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
    Arguments arguments = new Arguments();
    for (int i = 0; i < args.length; i += 2) {
      if (i + 1 == args.length) {
        throw new IllegalArgumentException(args[i] + " needs a value: " + USAGE);
      }
      arguments.set(args[i], args[i + 1]);
    }
    return arguments.toOptions();
  }

  /** What the arguments that were read so far ask for, with the default for each other one. */
  private static final class Arguments {
    private long firstSeed = 1;
    private int seeds = 1;
    private Duration length = Duration.ofSeconds(60);
    private int nodes = 3;
    private int users = 14;
    private int parallel = 1;
    private List<FaultKind> faults = FaultKind.parse("all");
    private String sabotage = "none";
    private @Nullable Path keep;
    private @Nullable Path check;
    private RouterKind router = RouterKind.REDIS;
    private int longStopEvery = 5;

    void set(String name, String value) {
      switch (name) {
        case "--seeds" -> seeds = Integer.parseInt(value);
        case "--first-seed" -> firstSeed = Long.parseLong(value);
        case "--seconds" -> length = Duration.ofSeconds(Long.parseLong(value));
        case "--nodes" -> nodes = Integer.parseInt(value);
        case "--users" -> users = Integer.parseInt(value);
        case "--parallel" -> parallel = Integer.parseInt(value);
        case "--faults" -> faults = FaultKind.parse(value);
        case "--sabotage" -> sabotage = value;
        case "--keep" -> keep = Path.of(value);
        case "--check" -> check = Path.of(value);
        case "--router" -> router = RouterKind.labelled(value);
        case "--long-stop-every" -> longStopEvery = Integer.parseInt(value);
        default -> throw new IllegalArgumentException("unknown option " + name + ": " + USAGE);
      }
    }

    Options toOptions() {
      return new Options(
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
          router,
          longStopEvery);
    }
  }
}
