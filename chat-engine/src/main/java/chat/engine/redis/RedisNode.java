package chat.engine.redis;

import chat.engine.link.FaultLog;
import chat.engine.link.Watchdog;
import chat.engine.redis.link.RedisFailure;
import chat.engine.redis.link.RedisLink;
import chat.engine.spi.Router.Receiver;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts of a router that was started, put together. Thread-safe.
 *
 * <p>Two threads: the {@link Subscriber} blocks on the connection and hands over what comes; the
 * {@link Watchdog} does everything else that nobody calls for.
 */
final class RedisNode implements AutoCloseable {
  private static final Duration START_WAIT = Duration.ofSeconds(2);
  private static final Logger log = LoggerFactory.getLogger(RedisRouter.class);

  private final RoutingTable table;
  private final OwnTopics topics;
  private final Neighbours neighbours;
  private final Membership membership;
  private final Subscriber subscriber;
  private final Watchdog watchdog;
  private boolean closed;

  RedisNode(RedisLink link, RedisKeys keys, String name, Receiver receiver, AtomicLong commands) {
    FaultLog faults = new FaultLog(log, "Redis", System::nanoTime);
    table = new RoutingTable(link, keys, commands);
    topics = new OwnTopics(table);
    neighbours = new Neighbours(table, name, System::nanoTime, receiver::onNodeDied);
    membership =
        new Membership(link, table, topics, neighbours, receiver, faults, name, System::nanoTime);
    subscriber =
        new Subscriber(
            link, keys, membership, faults, name, System::nanoTime, new SplittableRandom());
    watchdog = new Watchdog("Redis", membership::keepUp, new SplittableRandom());
    membership.onNeedOfTick(watchdog::wake);
  }

  /** Begins to link; waits a moment for it. */
  void start() {
    subscriber.start();
    watchdog.start();
    try {
      if (!membership.awaitReady(START_WAIT)) {
        log.warn("this node has no link to Redis yet and goes on alone until it has");
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  RoutingTable table() {
    return table;
  }

  OwnTopics topics() {
    return topics;
  }

  Neighbours neighbours() {
    return neighbours;
  }

  Membership membership() {
    return membership;
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    subscriber.close();
    watchdog.close();
    try {
      membership.leaveCluster();
    } catch (RedisFailure gone) {
      log.debug("could not leave Redis; the lease will expire", gone);
    }
  }
}
