package chat.engine.postgres.row;

import chat.engine.Emoji;
import chat.engine.ReactionCount;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The column {@code reactions} of {@code chat_messages}: a line for each emoji, with how many users
 * react with it.
 */
public final class ReactionCounts {
  private static final String LINE = "\n";
  private static final char BEFORE_COUNT = ' ';

  private ReactionCounts() {}

  /** Null for none. */
  public static @Nullable String lines(List<ReactionCount> counts) {
    return counts.isEmpty()
        ? null
        : counts.stream()
            .map(count -> count.emoji().value() + BEFORE_COUNT + count.count())
            .collect(Collectors.joining(LINE));
  }

  /** What {@link #lines} was made of. */
  public static List<ReactionCount> of(@Nullable String lines) {
    return lines == null
        ? List.of()
        : Arrays.stream(lines.split(LINE)).map(ReactionCounts::count).toList();
  }

  private static ReactionCount count(String line) {
    int at = line.lastIndexOf(BEFORE_COUNT);
    return new ReactionCount(
        Emoji.fromStored(line.substring(0, at)), Long.parseLong(line.substring(at + 1)), null);
  }
}
