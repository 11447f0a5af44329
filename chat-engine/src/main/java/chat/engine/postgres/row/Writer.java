package chat.engine.postgres.row;

import chat.engine.Role;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A member as one who wants to write.
 *
 * @param silencedUntil null for one who never was silenced
 * @param slowMode of the conversation
 * @param readableAfter the seq above which the member may read
 */
public record Writer(
    Role role, @Nullable Instant silencedUntil, Duration slowMode, long readableAfter) {
  /** Whether the member may read a message. */
  public boolean reads(long seq) {
    return seq > readableAfter;
  }

  public boolean isSilenced(Instant now) {
    return silencedUntil != null && silencedUntil.isAfter(now);
  }
}
