package chat.engine.protocol.rate;

import org.jspecify.annotations.Nullable;

/**
 * When the requests of one connection may be handled: as fast as the connection may send, and as
 * its user may with all connections together. Not thread-safe.
 */
public final class RequestPace {
  private final RequestRate own;
  private @Nullable UserRate user;

  /** Whether the next request has its turn among those of the user, which may be still to come. */
  private boolean hasTurn;

  private long turnNanos;

  /**
   * @param perSecond requests of the connection
   */
  public RequestPace(int perSecond, long nowNanos) {
    own = new RequestRate(perSecond, nowNanos);
  }

  /** Whose connection it is; before, only its own rate counts. */
  public void belongsTo(UserRate rate) {
    user = rate;
  }

  /**
   * Lets the next request pass if it may.
   *
   * @return 0, or the nanoseconds after which to ask again
   */
  public long take(long nowNanos) {
    if (!hasTurn) {
      long wait = own.take(nowNanos);
      if (wait > 0) {
        return wait;
      }
      turnNanos = nowNanos + (user == null ? 0 : user.turn(nowNanos));
      hasTurn = true;
    }
    long left = turnNanos - nowNanos;
    if (left > 0) {
      return left;
    }
    hasTurn = false;
    return 0;
  }

  /** The next request passes whether or not it may. */
  public void pass(long nowNanos) {
    if (!hasTurn && user != null) {
      user.charge(nowNanos);
    }
    hasTurn = false;
  }
}
