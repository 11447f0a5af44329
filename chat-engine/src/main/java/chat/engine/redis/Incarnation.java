package chat.engine.redis;

import chat.engine.redis.link.RedisLink;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One life of this node in Redis: a name, and the connection that is subscribed to its channel. It
 * ends when that connection does. Thread-safe.
 */
final class Incarnation {
  private final String id;
  private final LongSupplier nanoTime;
  private volatile RedisLink.@Nullable Subscription subscription;
  private volatile long heardNanos;

  /** Whether anything may have been written under the name. */
  private volatile boolean used;

  private volatile boolean joined;
  private volatile boolean ready;
  private volatile boolean wasReady;
  private volatile boolean cut;
  private volatile boolean ended;

  Incarnation(String id, LongSupplier nanoTime) {
    this.id = id;
    this.nanoTime = nanoTime;
    this.heardNanos = nanoTime.getAsLong();
  }

  String id() {
    return id;
  }

  void attach(RedisLink.Subscription connected) {
    subscription = connected;
    if (cut) {
      connected.cut();
    }
  }

  /** Breaks its connection, so that the next incarnation begins. Idempotent. */
  void cut() {
    cut = true;
    RedisLink.Subscription connected = subscription;
    if (connected != null) {
      connected.cut();
    }
  }

  /** Whether it ever was ready. */
  boolean wasReady() {
    return wasReady;
  }

  boolean isCut() {
    return cut;
  }

  void heard() {
    heardNanos = nanoTime.getAsLong();
  }

  long silentNanos() {
    return nanoTime.getAsLong() - heardNanos;
  }

  void end() {
    ended = true;
  }

  boolean hasEnded() {
    return ended;
  }

  void use() {
    used = true;
  }

  boolean isUsed() {
    return used;
  }

  /** Whether it has its place in the list of nodes. */
  boolean isJoined() {
    return joined;
  }

  /** Whether the table has all topics of this node under this name. */
  boolean isReady() {
    return ready && !cut && !ended;
  }

  void joining() {
    joined = false;
    ready = false;
  }

  void joined() {
    joined = true;
  }

  /**
   * @return whether it was not ready before
   */
  boolean becomeReady() {
    boolean first = !wasReady;
    ready = true;
    wasReady = true;
    return first;
  }
}
