package chat.engine.internal.cluster;

import chat.engine.ChatException;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.util.BatchWorker;
import chat.engine.internal.util.LogThrottle;
import chat.engine.internal.util.Threads;
import chat.engine.spi.Publication;
import chat.engine.spi.Router;
import chat.engine.spi.RouterUnavailableException;
import chat.engine.spi.Topic;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands envelopes to the router from one thread, as many at a time as have queued up. What cannot
 * be handed over is dropped: the store has it, and the other nodes find it there when they compare
 * themselves with the store. Thread-safe; never blocks its callers.
 */
public final class Publisher implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Publisher.class);
  private static final int MAX_QUEUED = 32_768;
  private static final long MAX_QUEUED_BYTES = 64L << 20;
  private static final int MAX_BATCH = 512;
  private static final Duration LOG_PERIOD = Duration.ofSeconds(30);
  private static final Duration CLOSE = Duration.ofSeconds(1);

  /** From one hand-over to the next, at least: a few envelopes cost the router as much as one. */
  private static final Duration GATHER = Duration.ofMillis(5);

  /**
   * @param handedOver told what became of it; null if nobody asks
   */
  private record Item(Publication publication, @Nullable CompletableFuture<Void> handedOver) {}

  private final Router router;

  private final boolean alone;

  private final EnvelopeCodec codec;
  private final Metrics metrics;
  private final AtomicLong queuedBytes = new AtomicLong();

  /** When an envelope was dropped last; null if none ever was. */
  private volatile @Nullable Long droppedNanos;

  private final LogThrottle faults = new LogThrottle(LOG_PERIOD);
  private final BatchWorker<Item> worker;

  public Publisher(Router router, EnvelopeCodec codec, Metrics metrics) {
    this.router = router;
    this.alone = router instanceof SoloRouter;
    this.codec = codec;
    this.metrics = metrics;
    this.worker =
        new BatchWorker<>(
            Threads.named("publisher"), MAX_QUEUED, MAX_BATCH, GATHER, this::handOver, this::drop);
    metrics.gauge("publisher_backlog", worker::pending);
  }

  /** Whether there are no other nodes, so that what is published goes nowhere. */
  public boolean isAlone() {
    return alone;
  }

  /** Publishes an envelope that other nodes would otherwise find seconds later. */
  public void publish(List<Topic> topics, Envelope envelope) {
    if (!alone) {
      enqueueOrCount(new Item(new Publication(topics, codec.encode(envelope)), null));
    }
  }

  /**
   * As {@link #publish}, for those who need to know what becomes of it. Dependents run on the
   * publisher's thread and must be short.
   *
   * @return completes once the router has taken the envelope; fails if it was dropped
   */
  public CompletableFuture<Void> publishTracked(List<Topic> topics, Envelope envelope) {
    if (alone) {
      return CompletableFuture.completedFuture(null);
    }
    CompletableFuture<Void> handedOver = new CompletableFuture<>();
    Publication publication = new Publication(topics, codec.encode(envelope));
    if (!enqueueOrCount(new Item(publication, handedOver))) {
      handedOver.completeExceptionally(
          ChatException.unavailable("too many envelopes wait for the router", null));
    }
    return handedOver;
  }

  private boolean enqueueOrCount(Item item) {
    boolean taken = enqueue(item);
    if (!taken) {
      droppedNanos = System.nanoTime();
      metrics.count(Metrics.Counter.ENVELOPES_DROPPED);
    }
    return taken;
  }

  /** Publishes an envelope that is missed least; the first to be dropped. */
  public void publishEphemeral(List<Topic> topics, Envelope envelope) {
    if (alone) {
      return;
    }
    if (worker.pending() >= MAX_QUEUED / 4
        || !enqueue(new Item(new Publication(topics, codec.encode(envelope)), null))) {
      metrics.count(Metrics.Counter.EPHEMERAL_DROPPED);
      if (envelope instanceof Envelope.Receipt || envelope instanceof Envelope.OwnRead) {
        droppedNanos = System.nanoTime(); // these are stored, and other nodes find them there
      }
    }
  }

  private boolean enqueue(Item item) {
    int bytes = item.publication().payload().length;
    if (queuedBytes.addAndGet(bytes) <= MAX_QUEUED_BYTES && worker.offer(item)) {
      return true;
    }
    queuedBytes.addAndGet(-bytes);
    return false;
  }

  /** Whether every envelope has been handed to the router, or dropped. */
  public boolean isIdle() {
    return worker.pending() == 0;
  }

  /**
   * Whether an envelope was dropped since then: other nodes learn of it from the store only, with
   * their next comparison.
   *
   * @param nanos of {@link System#nanoTime}
   */
  public boolean droppedSince(long nanos) {
    Long last = droppedNanos;
    return last != null && last - nanos >= 0;
  }

  private void handOver(List<Item> batch) {
    router.publish(batch.stream().map(Item::publication).toList());
    release(batch);
    metrics.count(Metrics.Counter.ENVELOPES_PUBLISHED, batch.size());
    for (Item item : batch) {
      CompletableFuture<Void> handedOver = item.handedOver();
      if (handedOver != null) {
        handedOver.complete(null);
      }
    }
  }

  private void drop(List<Item> batch, Throwable fault) {
    release(batch);
    droppedNanos = System.nanoTime();
    metrics.count(Metrics.Counter.ENVELOPES_DROPPED, batch.size());
    for (Item item : batch) {
      CompletableFuture<Void> handedOver = item.handedOver();
      if (handedOver != null) {
        handedOver.completeExceptionally(
            ChatException.unavailable("the router could not take an envelope", fault));
      }
    }
    boolean expected =
        fault instanceof RouterUnavailableException || fault instanceof InterruptedException;
    long times = expected ? 0 : faults.due();
    if (times > 0) {
      log.error("the router failed ({} times since this was last logged)", times, fault);
    }
  }

  private void release(List<Item> batch) {
    long bytes = 0;
    for (Item item : batch) {
      bytes += item.publication().payload().length;
    }
    queuedBytes.addAndGet(-bytes);
  }

  /** Hands over what is queued, within a second, and drops the rest. */
  @Override
  public void close() {
    worker.awaitIdle(CLOSE);
    worker.close();
  }
}
