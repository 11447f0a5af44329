package chat.engine;

import java.util.List;

/**
 * A message that was found.
 *
 * @param message as it is now
 * @param highlights where the words of the query are in its text: ascending, not overlapping, at
 *     most {@link #MAX_HIGHLIGHTS}, the first ones
 */
public record SearchHit(Message message, List<Highlight> highlights) {
  public static final int MAX_HIGHLIGHTS = 100;

  /**
   * A piece of a text, in UTF-16 code units, which strings of Java and JavaScript count in.
   *
   * @param start of the first
   * @param end behind the last
   */
  public record Highlight(int start, int end) {}

  public SearchHit {
    highlights = List.copyOf(highlights);
  }
}
