package chat.engine.protocol.rate;

/**
 * A token bucket for the requests of one user, by whatever connection. Requests that come too soon
 * get their turns one after the other, so that a thousand connections wait once each, and none
 * waits for ever. Thread-safe; does not block.
 */
public final class UserRate {
  private final double perNano;
  private final double capacity;

  /** Below zero if requests wait for their turns, or did not wait. */
  private double tokens;

  private long filledNanos;

  UserRate(int perSecond, long nowNanos) {
    perNano = perSecond / 1e9;
    capacity = perSecond * RequestRate.BURST_SECONDS;
    tokens = capacity;
    filledNanos = nowNanos;
  }

  private void fill(long nowNanos) {
    long passed = Math.max(0, nowNanos - filledNanos); // others may have looked later
    tokens = Math.min(capacity, tokens + passed * perNano);
    filledNanos += passed;
  }

  /**
   * Gives a request its turn, which is taken from then on.
   *
   * @return the nanoseconds until the turn comes; 0 if it is now
   */
  synchronized long turn(long nowNanos) {
    fill(nowNanos);
    tokens--;
    return tokens >= 0 ? 0 : (long) Math.ceil(-tokens / perNano);
  }

  /** Counts a request that does not wait; the next ones do, but no longer than for one burst. */
  synchronized void charge(long nowNanos) {
    fill(nowNanos);
    if (tokens - 1 >= -capacity) {
      tokens--;
    }
  }
}
