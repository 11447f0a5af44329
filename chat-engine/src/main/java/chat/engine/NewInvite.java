package chat.engine;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * An invite to create. Immutable.
 *
 * @param expiresIn how long it can be used, in whole seconds, at most {@link #MAX_LIFETIME}; null
 *     for no limit
 * @param maxUses how many users can join by it, at most {@link #MAX_USES}; null for no limit
 */
public record NewInvite(@Nullable Duration expiresIn, @Nullable Integer maxUses) {
  public static final Duration MAX_LIFETIME = Duration.ofDays(3_650);
  public static final int MAX_USES = 1_000_000;

  /**
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST} for what is out of range
   */
  public NewInvite {
    if (expiresIn != null
        && (expiresIn.toSeconds() < 1
            || !expiresIn.truncatedTo(ChronoUnit.SECONDS).equals(expiresIn)
            || expiresIn.compareTo(MAX_LIFETIME) > 0)) {
      throw ChatException.badRequest(
          "expires_in must be 1 to %d whole seconds, not %s"
              .formatted(MAX_LIFETIME.toSeconds(), expiresIn));
    }
    if (maxUses != null && (maxUses < 1 || maxUses > MAX_USES)) {
      throw ChatException.badRequest("max_uses must be 1 to " + MAX_USES + ", not " + maxUses);
    }
  }

  /** An invite that can be used until it is revoked. */
  public static NewInvite unlimited() {
    return new NewInvite(null, null);
  }

  public NewInvite withExpiresIn(Duration lifetime) {
    return new NewInvite(lifetime, maxUses);
  }

  public NewInvite withMaxUses(int uses) {
    return new NewInvite(expiresIn, uses);
  }
}
