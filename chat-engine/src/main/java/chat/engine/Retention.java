package chat.engine;

import java.time.Duration;
import java.time.temporal.ChronoUnit;

/** How long messages can be kept before they expire; see {@link EngineBuilder#retention}. */
public final class Retention {
  /** Nodes and clients that were away for less find everything. */
  public static final Duration SHORTEST = Duration.ofMinutes(1);

  /** A hundred years: for a conversation that keeps its messages where others do not. */
  public static final Duration LONGEST = Duration.ofDays(36_525);

  private Retention() {}

  /**
   * @return the same time
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST} unless it is of whole seconds, {@link
   *     #SHORTEST} to {@link #LONGEST}
   */
  public static Duration require(Duration time) {
    if (time.compareTo(SHORTEST) < 0
        || time.compareTo(LONGEST) > 0
        || !time.truncatedTo(ChronoUnit.SECONDS).equals(time)) {
      throw ChatException.badRequest(
          "a retention must be %d to %d whole seconds, not %s"
              .formatted(SHORTEST.toSeconds(), LONGEST.toSeconds(), time));
    }
    return time;
  }
}
