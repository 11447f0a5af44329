package chat.engine;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A user who may not become a member of a group. Immutable.
 *
 * @param by who banned them; {@link UserId#SYSTEM} for the application
 * @param until when it ends, in whole milliseconds; null if it has no end
 */
public record Ban(UserId user, UserId by, Instant at, @Nullable Instant until) {
  /** Whether it is in force at a given time. */
  public boolean isInForce(Instant now) {
    return until == null || until.isAfter(now);
  }
}
