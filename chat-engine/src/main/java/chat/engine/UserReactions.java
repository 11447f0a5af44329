package chat.engine;

import java.util.List;

/**
 * What a user reacted to a message with. Immutable.
 *
 * @param emoji each once, in the order of the reactions
 */
public record UserReactions(UserId user, List<Emoji> emoji) {
  /** The most emoji of one user for one message; a reaction with one more is {@code TOO_LARGE}. */
  public static final int MAX_PER_USER = 20;

  public UserReactions {
    emoji = List.copyOf(emoji);
  }
}
