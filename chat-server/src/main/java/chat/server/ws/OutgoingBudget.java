package chat.server.ws;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What waits to be written to all connections together. While it is used up, a connection that
 * holds more than its fair share may add no more: so many clients that read nothing cannot fill the
 * memory, and the others do not notice. Thread-safe.
 */
final class OutgoingBudget {
  private final long limitBytes;
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicInteger connections = new AtomicInteger();

  OutgoingBudget(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  void enter() {
    connections.incrementAndGet();
  }

  void leave() {
    connections.decrementAndGet();
  }

  void add(long added) {
    bytes.addAndGet(added);
  }

  long bytes() {
    return bytes.get();
  }

  /** Whether a connection for which so much waits may add more. */
  boolean allows(long waiting) {
    return bytes.get() <= limitBytes || waiting <= limitBytes / Math.max(1, connections.get());
  }
}
