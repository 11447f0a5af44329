package chat.engine.testkit;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * What a database would lock: rows of conversations and keys of groups, by the transaction that
 * holds them. Thread-safe.
 */
final class Locks {
  /** As long as the PostgreSQL store waits. */
  static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Map<Object, Object> holders = new HashMap<>();

  /**
   * Takes a lock, or has it already.
   *
   * @return false if another held it all the time, or the thread was interrupted
   */
  synchronized boolean acquire(Object owner, Object key, Duration wait) {
    Deadline deadline = Deadline.in(wait);
    while (holders.getOrDefault(key, owner) != owner) {
      long millis = deadline.left().toMillis();
      if (millis == 0) {
        return false;
      }
      try {
        wait(millis);
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    holders.put(key, owner);
    return true;
  }

  synchronized void releaseAll(Object owner) {
    holders.values().removeIf(holder -> holder == owner);
    notifyAll();
  }
}
