package chat.engine.examples.faultcheck.outside;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What OutsideFaultCheck was asked for. Immutable.
 *
 * @param jar the packaged server; empty to check a kept history
 * @param length of a run, without the time in which everything catches up
 * @param keep where all histories go; null to keep those that break something, in a temporary
 *     folder
 */
public record OutsideOptions(
    Path jar,
    long firstSeed,
    int seeds,
    Duration length,
    int nodes,
    @Nullable Path keep,
    @Nullable Path check) {
  public static final String USAGE =
      "OutsideFaultCheck chat-server.jar [--seeds 1] [--first-seed 1] [--seconds 60] [--nodes 2]"
          + " [--keep FOLDER] | --check HISTORY";

  private static final int SHORTEST_SECONDS = 15;

  /**
   * @throws IllegalArgumentException for an unknown option, or a value that makes no sense
   */
  public static OutsideOptions parse(String... args) {
    Path jar = Path.of("");
    long firstSeed = 1;
    int seeds = 1;
    int seconds = 60;
    int nodes = 2;
    Path keep = null;
    Path check = null;
    for (int i = 0; i < args.length; i++) {
      if (!args[i].startsWith("--")) {
        jar = Path.of(args[i]);
        continue;
      }
      if (i + 1 == args.length) {
        throw new IllegalArgumentException(args[i] + " needs a value: " + USAGE);
      }
      String value = args[i + 1];
      switch (args[i++]) {
        case "--seeds" -> seeds = Integer.parseInt(value);
        case "--first-seed" -> firstSeed = Long.parseLong(value);
        case "--seconds" -> seconds = Integer.parseInt(value);
        case "--nodes" -> nodes = Integer.parseInt(value);
        case "--keep" -> keep = Path.of(value);
        case "--check" -> check = Path.of(value);
        default ->
            throw new IllegalArgumentException("unknown option " + args[i - 1] + ": " + USAGE);
      }
    }
    if (List.of(args).isEmpty() || (check == null && jar.toString().isEmpty())) {
      throw new IllegalArgumentException("name the jar of the server: " + USAGE);
    }
    if (seconds < SHORTEST_SECONDS || seeds < 1 || nodes < 1) {
      throw new IllegalArgumentException(
          "at least 1 seed, 1 node, %d seconds: %s".formatted(SHORTEST_SECONDS, USAGE));
    }
    return new OutsideOptions(
        jar, firstSeed, seeds, Duration.ofSeconds(seconds), nodes, keep, check);
  }
}
