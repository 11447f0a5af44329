package chat.engine.postgres.router;

import chat.engine.link.FaultLog;
import chat.engine.link.Watchdog;
import chat.engine.postgres.router.link.Links;
import chat.engine.postgres.router.link.Statements;
import chat.engine.spi.Router.Receiver;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts of a router that was started, put together. Thread-safe.
 *
 * <p>Two threads: the {@link Listener} holds the connections and hands over what comes; the {@link
 * Watchdog} does everything else that nobody calls for.
 */
final class PostgresNode implements AutoCloseable {
  private static final Duration START_WAIT = Duration.ofSeconds(2);
  private static final Logger log = LoggerFactory.getLogger(PostgresRouter.class);

  private final TopicTable table;
  private final Channels channels;
  private final OwnTopics topics;
  private final Neighbours neighbours;
  private final Membership membership;
  private final Upkeep upkeep;
  private final Listener listener;
  private final Watchdog watchdog;
  private boolean closed;

  PostgresNode(Links links, Names names, String name, Receiver receiver, Statements statements) {
    LongSupplier nanoTime = System::nanoTime;
    FaultLog faults = new FaultLog(log, "PostgreSQL", nanoTime);
    NodeTable nodes = new NodeTable(names, statements);
    table = new TopicTable(names, statements);
    channels = new Channels(names, statements);
    topics = new OwnTopics(table);
    neighbours = new Neighbours(name, nanoTime);
    membership = new Membership(topics, receiver, faults);
    upkeep =
        new Upkeep(
            nodes,
            table,
            channels,
            topics,
            neighbours,
            membership,
            receiver,
            faults,
            name,
            nanoTime);
    listener =
        new Listener(
            links,
            nodes,
            channels,
            membership,
            upkeep,
            faults,
            name,
            nanoTime,
            new SplittableRandom());
    watchdog = new Watchdog("PostgreSQL", upkeep::tick, new SplittableRandom());
    membership.onNeedOfTick(watchdog::wake);
  }

  /** Begins to link; waits a moment for it. */
  void start() {
    listener.start();
    watchdog.start();
    try {
      if (!membership.awaitReady(START_WAIT)) {
        log.warn("this node has no link to the others yet and goes on alone until it has");
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  TopicTable table() {
    return table;
  }

  Channels channels() {
    return channels;
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
    listener.stop();
    watchdog.close();
    upkeep.wakeListener();
    listener.close();
  }
}
