package chat.engine.internal.cluster;

import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.util.Threads;
import chat.engine.spi.Publication;
import chat.engine.spi.Router;
import chat.engine.spi.RouterUnavailableException;
import chat.engine.spi.Topic;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands envelopes to the router from one thread, as many at a time as have queued up. What cannot
 * be handed over is dropped, for the store has it; but then the other nodes must know: the time
 * since when is kept, and sent to all of them as soon as the router works again. Thread-safe; never
 * blocks its callers.
 */
public final class Publisher implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Publisher.class);
  private static final int MAX_QUEUED = 32_768;
  private static final long MAX_QUEUED_BYTES = 64L << 20;
  private static final int MAX_BATCH = 512;
  private static final Duration RETRY = Duration.ofMillis(500);

  /** From one hand-over to the next, at least: a few envelopes cost the router as much as one. */
  private static final long GATHER_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private record Item(Publication publication, @Nullable Runnable afterwards) {}

  private final Router router;

  /** There are no other nodes, so nothing need even be encoded. */
  private final boolean alone;

  private final InstantSource clock;
  private final Metrics metrics;
  private final LinkedBlockingQueue<Item> queue = new LinkedBlockingQueue<>();
  private final AtomicLong queuedBytes = new AtomicLong();
  private final Thread thread;

  /** Envelopes from this time on may be missing elsewhere; guarded by this. */
  private @Nullable Instant lostSince;

  private volatile boolean closed;

  public Publisher(Router router, InstantSource clock, Metrics metrics) {
    this.router = router;
    this.alone = router instanceof SoloRouter;
    this.clock = clock;
    this.metrics = metrics;
    this.thread = Threads.named("publisher").newThread(this::run);
    metrics.gauge("publisher_backlog", queue::size);
    thread.start();
  }

  /** For envelopes that must arrive or be repaired. */
  public void publish(List<Topic> topics, Envelope envelope) {
    publish(topics, envelope, null);
  }

  /**
   * @param afterwards run once the router has taken it; not at all if it has not
   */
  public void publish(List<Topic> topics, Envelope envelope, @Nullable Runnable afterwards) {
    if (alone) {
      if (afterwards != null) {
        afterwards.run();
      }
      return;
    }
    byte[] payload = EnvelopeCodec.encode(envelope);
    if (queue.size() >= MAX_QUEUED || queuedBytes.get() + payload.length > MAX_QUEUED_BYTES) {
      lost(clock.instant());
      metrics.count(Metrics.Counter.ENVELOPES_DROPPED);
    } else {
      enqueue(new Item(new Publication(topics, payload), afterwards));
    }
  }

  /** For envelopes that nobody misses; the first to be dropped. */
  public void publishEphemeral(List<Topic> topics, Envelope envelope) {
    if (alone) {
      return;
    }
    if (queue.size() < MAX_QUEUED / 4) {
      enqueue(new Item(new Publication(topics, EnvelopeCodec.encode(envelope)), null));
    } else {
      metrics.count(Metrics.Counter.EPHEMERAL_DROPPED);
    }
  }

  private void enqueue(Item item) {
    queuedBytes.addAndGet(item.publication().payload().length);
    queue.add(item);
  }

  public boolean isIdle() {
    return queue.isEmpty();
  }

  private void run() {
    List<Item> batch = new ArrayList<>(MAX_BATCH);
    long handedOver = System.nanoTime() - GATHER_NANOS;
    while (!closed) {
      try {
        LockSupport.parkNanos(GATHER_NANOS - (System.nanoTime() - handedOver)); // not if below zero
        Item first = queue.poll(RETRY.toMillis(), TimeUnit.MILLISECONDS);
        if (first != null) {
          batch.add(first);
          queue.drainTo(batch, MAX_BATCH - 1);
        }
        handedOver = System.nanoTime();
        handOver(batch);
      } catch (InterruptedException endOfEngine) {
        // The loop looks at closed.
      } catch (RuntimeException | Error fault) {
        Threads.outlived(fault);
        log.error("the router failed", fault);
      }
      batch.clear();
    }
  }

  private void handOver(List<Item> batch) {
    Instant begun = clock.instant();
    Instant since = takeLost();
    if (batch.isEmpty() && since == null) {
      return;
    }
    for (Item item : batch) {
      queuedBytes.addAndGet(-item.publication().payload().length);
    }
    try {
      List<Publication> publications = new ArrayList<>(batch.size() + 1);
      if (since != null) {
        publications.add(
            new Publication(
                List.of(Topics.NODES), EnvelopeCodec.encode(new Envelope.Repair(since))));
      }
      batch.forEach(item -> publications.add(item.publication()));
      router.publish(publications);
      metrics.count(Metrics.Counter.ENVELOPES_PUBLISHED, batch.size());
      for (Item item : batch) {
        if (item.afterwards() != null) {
          item.afterwards().run();
        }
      }
    } catch (RuntimeException | Error fault) {
      lost(since == null ? begun : since);
      metrics.count(Metrics.Counter.ENVELOPES_DROPPED, batch.size());
      if (!(fault instanceof RouterUnavailableException)) {
        throw fault;
      }
    }
  }

  private synchronized void lost(Instant since) {
    if (lostSince == null || since.isBefore(lostSince)) {
      lostSince = since;
    }
  }

  private synchronized @Nullable Instant takeLost() {
    Instant since = lostSince;
    lostSince = null;
    return since;
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
