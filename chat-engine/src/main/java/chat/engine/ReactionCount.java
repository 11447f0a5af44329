package chat.engine;

import org.jspecify.annotations.Nullable;

/**
 * How many users reacted to a message with an emoji. Immutable.
 *
 * @param count above 0
 * @param me whether the reader is one of them, in what was read for a user; null in events, which
 *     all sessions share, and in what the application reads
 */
public record ReactionCount(Emoji emoji, long count, @Nullable Boolean me) {
  /** The most different emoji of one message; a reaction with one more is {@code TOO_LARGE}. */
  public static final int MAX_PER_MESSAGE = 50;

  public ReactionCount withMe(boolean whether) {
    return new ReactionCount(emoji, count, whether);
  }
}
