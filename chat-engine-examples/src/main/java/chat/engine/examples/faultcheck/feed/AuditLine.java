package chat.engine.examples.faultcheck.feed;

import chat.engine.examples.faultcheck.history.Event;
import chat.engine.feed.FeedBatch;
import chat.engine.feed.FeedEntry;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One batch of the feed, as a line that a node prints: {@code audit CONVERSATION NANOS ENTRIES .}
 * with entries such as {@code m3,c1,m4}. The dot shows that a node was not killed in the middle of
 * the line. Stateless.
 */
public final class AuditLine {
  public static final String WORD = "audit";
  private static final String END = ".";

  private AuditLine() {}

  /**
   * @param nanos by the clock of {@link System#nanoTime}, which the processes of a machine share
   */
  static String of(FeedBatch batch, long nanos) {
    return "%s %s %d %s %s"
        .formatted(
            WORD,
            batch.conversationId(),
            nanos,
            batch.entries().stream().map(AuditLine::name).collect(Collectors.joining(",")),
            END);
  }

  private static String name(FeedEntry entry) {
    if (entry instanceof FeedEntry.Sent sent) {
      return Event.Delivered.MESSAGE + sent.message().seq();
    }
    return Event.Delivered.CHANGE + ((FeedEntry.Changed) entry).change().rev();
  }

  /** What a node has delivered; null if it did not come to the end of the line. */
  public static Event.@Nullable Delivered parse(String line, String node) {
    String[] words = line.split(" ", -1);
    if (words.length != 5 || !words[4].equals(END)) {
      return null;
    }
    return new Event.Delivered(
        0,
        node,
        Long.parseLong(words[1]),
        Long.parseLong(words[2]),
        List.of(words[3].split(",", -1)));
  }
}
