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
 */
public record Writer(Role role, @Nullable Instant silencedUntil, Duration slowMode) {
  public boolean isSilenced(Instant now) {
    return silencedUntil != null && silencedUntil.isAfter(now);
  }
}
