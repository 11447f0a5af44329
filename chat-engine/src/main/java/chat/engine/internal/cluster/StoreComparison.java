package chat.engine.internal.cluster;

import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.runtime.StoreClock;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.util.Timers;
import chat.engine.spi.MessageStore;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares this node with the store, every {@link #PERIOD} and sooner after an event that casts
 * doubt: asks the store what was committed since the last comparison, and hands that on. The mark
 * moves only when the answer has been handed on, so whatever fails is asked again, and no envelope
 * matters for more than speed. Thread-safe; reads on a thread of its own, one comparison at a time.
 */
public final class StoreComparison {
  public static final Duration PERIOD = Duration.ofSeconds(2);

  private static final Logger log = LoggerFactory.getLogger(StoreComparison.class);

  /** Learns what was committed. */
  public interface Listener {
    /**
     * Called on the thread of the comparison, may block. If it throws, it is called again with at
     * least the same.
     */
    void committed(MessageStore.Writes writes);

    /** What was committed is not known: called when the mark is older than the store remembers. */
    void lostTrack();
  }

  /** Two that learn the same, one after the other. */
  public record Both(Listener first, Listener second) implements Listener {
    @Override
    public void committed(MessageStore.Writes writes) {
      first.committed(writes);
      second.committed(writes);
    }

    @Override
    public void lostTrack() {
      first.lostTrack();
      second.lostTrack();
    }
  }

  private final MessageStore store;
  private final StoreThreads reads;
  private final Timers timers;
  private final Listener listener;
  private final StoreClock clock;
  private final Metrics metrics;
  private final AtomicBoolean running = new AtomicBoolean();
  private final AtomicBoolean wanted = new AtomicBoolean();

  /** Touched by the comparison under way only. */
  private MessageStore.@Nullable Mark mark;

  /** Whether sessions may exist, which have to learn that nobody knows what they missed. */
  private volatile boolean started;

  public StoreComparison(
      MessageStore store,
      StoreThreads reads,
      Timers timers,
      Listener listener,
      StoreClock clock,
      Metrics metrics) {
    this.store = store;
    this.reads = reads;
    this.timers = timers;
    this.listener = listener;
    this.clock = clock;
    this.metrics = metrics;
  }

  /**
   * Makes the first mark: everything committed later will be found. Blocks. If the store does not
   * answer, the first comparison that succeeds counts as one that lost track.
   */
  public void start() {
    try {
      compare();
    } catch (RuntimeException away) {
      log.warn("the store does not answer; it is compared with when it does: {}", away.toString());
    }
    started = true;
    timers.every(PERIOD, this::soon);
  }

  /**
   * Something may not have reached this node: compares now, or once more after the one under way.
   */
  public void soon() {
    wanted.set(true);
    runIfWanted();
  }

  private void runIfWanted() {
    if (!wanted.get() || !running.compareAndSet(false, true)) {
      return;
    }
    wanted.set(false);
    reads
        .run(this::compare)
        .whenComplete(
            (done, fault) -> {
              running.set(false);
              if (fault != null) {
                log.debug("a comparison with the store failed and will be repeated", fault);
              }
              runIfWanted();
            });
  }

  private void compare() {
    metrics.count(Metrics.Counter.COMPARISONS);
    MessageStore.Mark since = mark;
    long asked = System.nanoTime();
    MessageStore.Writes writes = store.writesSince(since);
    clock.observe(writes.storeTime(), asked, System.nanoTime());
    if (since != null && writes.complete()) {
      listener.committed(writes);
    } else if (started) {
      listener.lostTrack();
    }
    mark = writes.mark();
  }
}
