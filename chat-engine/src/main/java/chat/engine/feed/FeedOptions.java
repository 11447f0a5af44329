package chat.engine.feed;

import chat.engine.Experimental;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How to open a feed. Immutable.
 *
 * @param start where the cursor is put if there is no feed with this name; an existing feed
 *     continues where it is
 * @param concurrency the most batches that the consumer has in hand at a time, each of another
 *     conversation
 */
@Experimental
public record FeedOptions(Start start, int concurrency) {
  /** From now on, 256 batches at a time. */
  public static final FeedOptions DEFAULT = new FeedOptions(Start.now(), 256);

  public FeedOptions {
    if (concurrency < 1 || concurrency > 10_000) {
      throw new IllegalArgumentException("concurrency must be 1 to 10000, not " + concurrency);
    }
  }

  public FeedOptions start(Start wanted) {
    return new FeedOptions(wanted, concurrency);
  }

  public FeedOptions concurrency(int wanted) {
    return new FeedOptions(start, wanted);
  }

  /**
   * Where a new feed begins.
   *
   * @param from what was sent or changed from then on; null for what is committed after the feed is
   *     opened
   */
  public record Start(@Nullable Instant from) {
    private static final Start NOW = new Start(null);
    private static final Start BEGINNING = new Start(Instant.MIN);

    /** With what is committed after the feed is opened. */
    public static Start now() {
      return NOW;
    }

    /** With everything that the store has. */
    public static Start beginning() {
      return BEGINNING;
    }

    /** With what was sent or changed from a time on; see {@link Feed#replay}. */
    public static Start since(Instant from) {
      return new Start(from);
    }
  }
}
