package chat.engine.internal.presence;

import java.time.Duration;

/**
 * How far the router's word that a user is on no node can be trusted. After a fault the nodes write
 * their subscriptions again, each in its time, and are missing until then: for the time of a lease
 * nothing follows from that. Thread-safe.
 *
 * <p>Times are nanoseconds since the start of the engine.
 */
final class RouterTrust {
  /** How long a lease of the router lasts, and within which all nodes are back after a fault. */
  static final Duration LEASE = Duration.ofSeconds(5);

  private boolean healthy = true;
  private long steadyFrom = Long.MIN_VALUE;

  /** Takes note of how the router is; to be called every few hundred milliseconds. */
  synchronized void observe(boolean isHealthy, long now) {
    if (isHealthy && !healthy) {
      steadyFrom = now + LEASE.toNanos();
    }
    healthy = isHealthy;
  }

  /** Something may have been lost. */
  synchronized void doubt(long now) {
    steadyFrom = now + LEASE.toNanos();
  }

  synchronized boolean isHealthy() {
    return healthy;
  }

  /** Whether it is healthy, and was steady at that time. */
  synchronized boolean isSteady(long at) {
    return healthy && at >= steadyFrom;
  }

  /** Since when, or from when on, the router is steady, if nothing else happens. */
  synchronized long steadyFrom() {
    return steadyFrom;
  }
}
