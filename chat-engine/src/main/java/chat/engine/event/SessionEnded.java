package chat.engine.event;

import java.time.Duration;

/**
 * The last event of a session. Not sent where the application itself closed the session.
 *
 * @param retryAfter when to come back, for {@link Reason#DRAINING} spread at random so that not all
 *     return at once
 */
public record SessionEnded(Reason reason, Duration retryAfter) implements ChatEvent {
  /** Why the engine ended the session. */
  public enum Reason {
    /** The node is being shut down; connect to another, or to this one later. */
    DRAINING,
    /** The listener stood still for too long. */
    TOO_SLOW,
    /** The application ended it with {@link chat.engine.ChatEngine#disconnect}. */
    DISCONNECTED
  }
}
