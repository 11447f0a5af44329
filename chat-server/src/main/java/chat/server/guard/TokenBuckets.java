package chat.server.guard;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * A token bucket for each key. One that is full again is forgotten, for it is as a new one; beyond
 * {@link #MOST_KEYS} those go that are used least, so memory is bounded whatever keys are made up.
 * Thread-safe; does not block.
 */
final class TokenBuckets {
  static final int MOST_KEYS = 100_000;

  private final Rate rate;
  private final LongSupplier nanos;
  private final Cache<String, Bucket> buckets;

  private static final class Bucket {
    private double tokens; // guarded by this
    private long filledNanos; // guarded by this

    Bucket(double tokens, long now) {
      this.tokens = tokens;
      this.filledNanos = now;
    }
  }

  TokenBuckets(Rate rate) {
    this(rate, System::nanoTime);
  }

  TokenBuckets(Rate rate, LongSupplier nanos) {
    this.rate = rate;
    this.nanos = nanos;
    this.buckets =
        Caffeine.newBuilder()
            .maximumSize(MOST_KEYS)
            .expireAfterAccess(rate.within())
            .ticker(nanos::getAsLong)
            .build();
  }

  /**
   * Takes one.
   *
   * @return empty if there was one; else after which time there will be
   */
  Optional<Duration> take(String key) {
    if (!rate.isLimited()) {
      return Optional.empty();
    }
    Bucket bucket = bucket(key);
    synchronized (bucket) {
      fill(bucket);
      if (bucket.tokens >= 1) {
        bucket.tokens--;
        return Optional.empty();
      }
      return Optional.of(Duration.ofNanos((long) Math.ceil((1 - bucket.tokens) / rate.perNano())));
    }
  }

  /** Gives one back that was taken for nothing. */
  void giveBack(String key) {
    if (rate.isLimited()) {
      Bucket bucket = bucket(key);
      synchronized (bucket) {
        bucket.tokens = Math.min(rate.burst(), bucket.tokens + 1);
      }
    }
  }

  private Bucket bucket(String key) {
    return Objects.requireNonNull(
        buckets.get(key, unseen -> new Bucket(rate.burst(), nanos.getAsLong())));
  }

  private void fill(Bucket bucket) {
    long now = nanos.getAsLong();
    long passed = Math.max(0, now - bucket.filledNanos);
    bucket.tokens = Math.min(rate.burst(), bucket.tokens + passed * rate.perNano());
    bucket.filledNanos = now;
  }
}
