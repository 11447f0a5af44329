package chat.engine;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An invite to a group, without its code. Immutable.
 *
 * @param by who created it; {@link UserId#SYSTEM} for the application
 * @param expiresAt when it expires, in whole milliseconds; null if it does not
 * @param maxUses how many users can join by it; null for any number
 * @param uses how many users have joined by it
 */
public record Invite(
    InviteId id,
    UserId by,
    Instant createdAt,
    @Nullable Instant expiresAt,
    @Nullable Integer maxUses,
    int uses) {
  /** Whether one more user can join by it at some time. */
  public boolean isInForce(Instant now) {
    return (expiresAt == null || expiresAt.isAfter(now)) && (maxUses == null || uses < maxUses);
  }

  /** The same invite, created by another user. */
  public Invite by(UserId other) {
    return new Invite(id, other, createdAt, expiresAt, maxUses, uses);
  }

  /** The same invite after one more use. */
  public Invite used() {
    return new Invite(id, by, createdAt, expiresAt, maxUses, uses + 1);
  }
}
