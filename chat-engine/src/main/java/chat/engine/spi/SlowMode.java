package chat.engine.spi;

import chat.engine.Role;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How long a member of a group in slow mode has to wait: the rule that all stores share. The time
 * of a send is {@link Draft#createdAt()}. Stateless.
 */
public final class SlowMode {
  private SlowMode() {}

  /** Whether members of this role have to wait. */
  public static boolean concerns(Role role) {
    return role == Role.MEMBER;
  }

  /**
   * @param pace the time between two sends
   * @param last when the member sent last; null if never in slow mode
   * @return zero if the member may send now; never longer than the pace, even if the clock was set
   *     back
   */
  public static Duration remaining(Duration pace, @Nullable Instant last, Instant now) {
    if (last == null) {
      return Duration.ZERO;
    }
    Duration left = Duration.between(now, last.plus(pace));
    if (left.isNegative()) {
      return Duration.ZERO;
    }
    return left.compareTo(pace) > 0 ? pace : left;
  }
}
