package chat.engine.redis;

import chat.engine.link.Backoff;
import chat.engine.link.FaultLog;
import chat.engine.redis.link.RedisFailure;
import chat.engine.redis.link.RedisLink;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Keeps this node subscribed to its channel: a thread that blocks on the connection and hands over
 * what comes. When the connection ends it makes the next one, with a pause that grows as long as
 * the node does not get to work in between.
 */
final class Subscriber implements AutoCloseable {
  /** A life that was shorter counts as another failure. */
  private static final Duration STABLE = Duration.ofSeconds(5);

  private final RedisLink link;
  private final RedisKeys keys;
  private final Membership membership;
  private final FaultLog faults;
  private final String name;
  private final LongSupplier nanoTime;
  private final Backoff backoff;
  private final Thread thread = new Thread(this::run, "chat-redis-subscriber");
  private volatile boolean closed;
  private int lives;

  Subscriber(
      RedisLink link,
      RedisKeys keys,
      Membership membership,
      FaultLog faults,
      String name,
      LongSupplier nanoTime,
      RandomGenerator random) {
    this.link = link;
    this.keys = keys;
    this.membership = membership;
    this.faults = faults;
    this.name = name;
    this.nanoTime = nanoTime;
    this.backoff = new Backoff(random);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  private void run() {
    String id = name + "." + ++lives;
    while (!closed) {
      Incarnation incarnation = new Incarnation(id, nanoTime);
      long begun = nanoTime.getAsLong();
      live(incarnation);
      membership.ended(incarnation);
      if (incarnation.isUsed()) {
        id = name + "." + ++lives; // others may be removing what was written under the old name
      }
      if (incarnation.wasReady() && nanoTime.getAsLong() - begun >= STABLE.toNanos()) {
        backoff.reset();
      }
      if (!closed) {
        LockSupport.parkNanos(backoff.nextNanos());
      }
    }
  }

  private void live(Incarnation incarnation) {
    try {
      RedisLink.Subscription subscription =
          link.subscribe(
              keys.channel(incarnation.id()),
              frame -> membership.received(incarnation, frame),
              () -> subscribed(incarnation));
      incarnation.attach(subscription);
      if (closed) {
        subscription.cut();
      }
      subscription.run();
    } catch (RedisFailure fault) {
      if (!closed && !incarnation.isCut()) {
        faults.failed(fault.code(), fault);
      }
    } catch (RuntimeException fault) {
      faults.warn("subscription", "the subscription failed: " + fault);
    }
  }

  private void subscribed(Incarnation incarnation) {
    membership.subscribed(incarnation);
    if (closed) {
      incarnation.cut(); // the close may have come when there was nothing to cut yet
    }
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
