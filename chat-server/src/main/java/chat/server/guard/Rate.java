package chat.server.guard;

import java.time.Duration;

/**
 * So many at once, and as many more within a time, evenly.
 *
 * @param burst 0 for no limit
 */
public record Rate(int burst, Duration within) {
  static final Rate UNLIMITED = new Rate(0, Duration.ofSeconds(1));

  boolean isLimited() {
    return burst > 0;
  }

  double perNano() {
    return burst / (double) within.toNanos();
  }
}
