package chat.engine.memory;

import chat.engine.spi.StoreBusyException;
import chat.engine.spi.StoreUnavailableException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** What transactions of the store hold until they end: conversations, and keys. Thread-safe. */
final class InMemoryLocks {
  private static final Duration WAIT = Duration.ofSeconds(5);

  private final Set<Object> held = new HashSet<>();

  /**
   * Waits until nobody holds it; not reentrant.
   *
   * @throws StoreBusyException after 5 s
   */
  synchronized void acquire(Object what) {
    long end = System.nanoTime() + WAIT.toNanos();
    while (held.contains(what)) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        throw new StoreBusyException("another transaction holds " + what, null);
      }
      try {
        wait(left / 1_000_000 + 1);
      } catch (InterruptedException stop) {
        Thread.currentThread().interrupt();
        throw new StoreUnavailableException("interrupted while waiting for " + what, stop);
      }
    }
    held.add(what);
  }

  synchronized void release(Collection<Object> all) {
    held.removeAll(all);
    notifyAll();
  }
}
