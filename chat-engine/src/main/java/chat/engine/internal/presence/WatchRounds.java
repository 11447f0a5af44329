package chat.engine.internal.presence;

import chat.engine.UserId;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;

/**
 * Goes round all watched users again and again, a few of them each tick, so that each is looked at
 * every {@link #PERIOD} whether or not anything seems wrong. With so many that this would be more
 * than {@link #MOST} users a tick, a round takes longer. Thread-safe.
 */
final class WatchRounds {
  static final Duration PERIOD = Duration.ofSeconds(5);
  static final int MOST = 500;

  private final Watches watches;
  private final double ticksPerRound;
  private Iterator<UserId> rest = Collections.emptyIterator();
  private double credit;
  private boolean hurrying;

  /** Somebody was passed before the last call of {@link #hurry}. */
  private boolean oneMore;

  private long beganAt;
  private volatile long lastTookMillis;

  WatchRounds(Watches watches, Duration tick) {
    this.watches = watches;
    this.ticksPerRound = (double) PERIOD.toNanos() / tick.toNanos();
  }

  /** Adds those whose turn it is at this tick. */
  synchronized void tick(Collection<UserId> users, long now) {
    credit = Math.min(MOST, credit + watches.size() / ticksPerRound);
    int due = (int) credit;
    credit -= due;
    take(users, due, now);
  }

  /** From now on, until everybody has been passed once, more than a tick's share may be taken. */
  synchronized void hurry() {
    oneMore = hurrying;
    if (!hurrying) {
      hurrying = true;
      rest = Collections.emptyIterator();
    }
  }

  synchronized boolean isHurrying() {
    return hurrying;
  }

  /** While in a hurry, adds up to so many users. */
  synchronized void hurry(Collection<UserId> users, int most, long now) {
    if (hurrying) {
      take(users, most, now);
    }
  }

  private void take(Collection<UserId> users, int most, long now) {
    for (int taken = 0; taken < most; taken++) {
      if (!rest.hasNext() && !begin(now)) {
        return;
      }
      users.add(rest.next());
      if (!rest.hasNext()) {
        end(now);
        return;
      }
    }
  }

  private boolean begin(long now) {
    rest = watches.iterator();
    beganAt = now;
    if (!rest.hasNext()) {
      end(now);
      return false;
    }
    return true;
  }

  private void end(long now) {
    lastTookMillis = Duration.ofNanos(now - beganAt).toMillis();
    hurrying = hurrying && oneMore;
    oneMore = false;
  }

  /** How long the last round took. */
  long lastTookMillis() {
    return lastTookMillis;
  }
}
