package chat.engine.protocol.rate;

/** A token bucket for the requests of one connection. Not thread-safe. */
final class RequestRate {
  static final double BURST_SECONDS = 2;

  private final double perNano;
  private final double capacity;
  private double tokens;
  private long filledNanos;

  RequestRate(int perSecond, long nowNanos) {
    perNano = perSecond / 1e9;
    capacity = perSecond * BURST_SECONDS;
    tokens = capacity;
    filledNanos = nowNanos;
  }

  /**
   * Takes a token if there is one.
   *
   * @return 0, or the nanoseconds until there will be one
   */
  long take(long nowNanos) {
    tokens = Math.min(capacity, tokens + (nowNanos - filledNanos) * perNano);
    filledNanos = nowNanos;
    if (tokens < 1) {
      return (long) Math.ceil((1 - tokens) / perNano);
    }
    tokens--;
    return 0;
  }
}
