package chat.server.wire;

import chat.server.json.ApiException;
import java.time.Duration;

/** A token bucket for the requests of one connection. Not thread-safe. */
final class SendRate {
  private static final double BURST_SECONDS = 2;

  private final double perNano;
  private final double capacity;
  private double tokens;
  private long filledNanos;

  SendRate(int perSecond, long nowNanos) {
    perNano = perSecond / 1e9;
    capacity = perSecond * BURST_SECONDS;
    tokens = capacity;
    filledNanos = nowNanos;
  }

  /**
   * @throws ApiException {@code rate_limited} with the time to wait
   */
  void take(long nowNanos) {
    tokens = Math.min(capacity, tokens + (nowNanos - filledNanos) * perNano);
    filledNanos = nowNanos;
    if (tokens < 1) {
      throw ApiException.rateLimited(
          Duration.ofMillis((long) Math.ceil((1 - tokens) / perNano / 1e6)));
    }
    tokens--;
  }
}
