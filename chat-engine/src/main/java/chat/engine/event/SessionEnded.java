package chat.engine.event;

import chat.engine.ChatException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The last event of a session. Not sent where the application itself closed the session.
 *
 * @param retryAfter when to reconnect; for {@link Reason#DRAINING} spread at random, so that not
 *     all clients return at once
 * @param explanation for {@link Reason#DISCONNECTED} what the application gave as its reason; else
 *     null
 */
public record SessionEnded(Reason reason, Duration retryAfter, @Nullable String explanation)
    implements ChatEvent {
  /** An end that needs no explanation. */
  public SessionEnded(Reason reason, Duration retryAfter) {
    this(reason, retryAfter, null);
  }

  /** The most characters (UTF-16 code units) of an explanation. */
  public static final int MAX_EXPLANATION_LENGTH = 200;

  /**
   * @throws chat.engine.ChatException with {@code BAD_REQUEST} if this cannot be an explanation
   */
  public static String requireExplanation(String explanation) {
    if (explanation.isEmpty() || explanation.length() > MAX_EXPLANATION_LENGTH) {
      throw ChatException.badRequest(
          "an explanation must have 1 to "
              + MAX_EXPLANATION_LENGTH
              + " characters, not "
              + explanation.length());
    }
    return explanation;
  }

  /** Why the engine ended the session. */
  public enum Reason {
    /** The node is being shut down; connect to another, or to this one later. */
    DRAINING,
    /** The listener stood still for too long. */
    TOO_SLOW,
    /** The application ended it with {@link chat.engine.ChatEngine#disconnect}. */
    DISCONNECTED,
    /** The user was erased or renamed: nobody has this id any more. */
    GONE
  }
}
