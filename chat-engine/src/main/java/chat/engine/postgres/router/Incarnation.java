package chat.engine.postgres.router;

import chat.engine.postgres.router.link.Link;
import java.util.function.LongSupplier;

/**
 * One life of this node in PostgreSQL: a random id, a connection that listens on its channel, and
 * one for everything else. It ends when one of them does. Thread-safe.
 */
final class Incarnation {
  private final long id;
  private final Link listening;
  private final Link calls;
  private final LongSupplier nanoTime;
  private final Envelopes.Reader reader = new Envelopes.Reader();
  private volatile long heardNanos;

  /** When the oldest echo was asked for that has not come yet; 0 if none is awaited. */
  private volatile long echoAskedNanos;

  private volatile boolean echoed;
  private volatile boolean ready;
  private volatile boolean cut;
  private volatile boolean ended;

  Incarnation(long id, Link listening, Link calls, LongSupplier nanoTime) {
    this.id = id;
    this.listening = listening;
    this.calls = calls;
    this.nanoTime = nanoTime;
    this.heardNanos = nanoTime.getAsLong();
  }

  long id() {
    return id;
  }

  Link listening() {
    return listening;
  }

  Link calls() {
    return calls;
  }

  /** For the thread that listens. */
  Envelopes.Reader reader() {
    return reader;
  }

  /** Breaks both connections, so that the next incarnation begins. Idempotent. */
  void cut() {
    cut = true;
    listening.abort();
    calls.abort();
  }

  boolean isCut() {
    return cut;
  }

  /** PostgreSQL gave a sign of life over the connection that listens. */
  void heard() {
    heardNanos = nanoTime.getAsLong();
  }

  long silentNanos() {
    return nanoTime.getAsLong() - heardNanos;
  }

  void askedForEcho() {
    if (echoAskedNanos == 0) {
      echoAskedNanos = nanoTime.getAsLong() | 1;
    }
  }

  /** A notification of its own came. */
  void heardEcho() {
    echoAskedNanos = 0;
    echoed = true;
  }

  /** Whether notifications are known to arrive. */
  boolean hasEchoed() {
    return echoed;
  }

  /** For how long an echo has been awaited. */
  long echolessNanos() {
    long asked = echoAskedNanos;
    return asked == 0 ? 0 : nanoTime.getAsLong() - asked;
  }

  /** Nothing must be written under its id any more. */
  void end() {
    ended = true;
  }

  boolean hasEnded() {
    return ended;
  }

  /** Whether the table has all topics of this node under this id. */
  boolean isReady() {
    return ready && !cut && !ended;
  }

  /** Whether it ever was ready. */
  boolean wasReady() {
    return ready;
  }

  void becomeReady() {
    ready = true;
  }
}
