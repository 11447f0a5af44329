package chat.engine;

import java.time.Instant;

/**
 * A pinned message. Immutable.
 *
 * @param message as it is now
 * @param by who pinned it; {@link UserId#SYSTEM} for the application
 * @param at when
 * @param rev of the change that pinned it: the pins of a conversation are in the order of these
 */
public record PinnedMessage(Message message, UserId by, Instant at, long rev) {
  /** Most pinned messages of a conversation. */
  public static final int MAX_PER_CONVERSATION = 100;
}
