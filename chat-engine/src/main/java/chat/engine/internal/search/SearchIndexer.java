package chat.engine.internal.search;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import chat.engine.ConversationId;
import chat.engine.internal.cluster.StoreComparison;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.util.LogThrottle;
import chat.engine.internal.util.Timers;
import chat.engine.spi.MessageStore;
import chat.engine.spi.StoreUnavailableException;
import chat.engine.spi.search.MessageSearch;
import chat.engine.spi.search.MessageSearch.Laggards;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the index of the store up to date, on one thread. It is told of each conversation that this
 * node writes to, and indexes those that were written to since, once per second; every node of a
 * cluster does that for its own writes. What the store's log of commits names is looked at too, so
 * what a node that died has committed is indexed by another. At the start, and when something may
 * have been missed, all conversations are looked through, a bounded number at a time.
 *
 * <p>Sends go first: after each step it rests, the longer the more of them wait (see {@link
 * #restAfter}). So under full load the index falls behind, which searches say, and catches up when
 * the load drops.
 *
 * <p>Thread-safe; only its own thread blocks.
 */
public final class SearchIndexer implements StoreComparison.Listener, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SearchIndexer.class);

  /** So much writes are collected before they are indexed. */
  private static final Duration PERIOD = Duration.ofSeconds(1);

  private static final int CAPACITY = 16_384;
  private static final int LOOKED_UP_AT_ONCE = 1_000;

  /** For so many sends that wait, or fewer, a rest is as long as the step before it. */
  private static final int SENDS_FOR_A_REST = 4;

  /** A rest takes at most so many times as long as the step before it. */
  private static final int LONGEST_REST_IN_STEPS = 20;

  private static final long LONGEST_REST_NANOS = Duration.ofSeconds(1).toNanos();

  private final MessageSearch search;
  private final Timers timers;
  private final Duration period;
  private final Pause pause;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final StoreThreads thread = new StoreThreads("search-index", 1, 1);
  private final AtomicBoolean running = new AtomicBoolean();
  private final LogThrottle faults = new LogThrottle(Duration.ofMinutes(1));
  private volatile LongSupplier sendsPending = () -> 0;

  // ---- guarded by this

  private final Set<ConversationId> written = new LinkedHashSet<>();
  private final Set<ConversationId> suspected = new LinkedHashSet<>();
  private boolean lookThroughAll = true;

  // ---- touched by the thread only

  private @Nullable ConversationId lookedThrough;

  /** Set by the thread only. */
  private volatile boolean lookingThrough;

  /** How a rest is spent. */
  interface Pause {
    /** Returns when the time is over, or at once if the indexer is closed meanwhile. */
    void rest(long nanos, CountDownLatch closing) throws InterruptedException;
  }

  public SearchIndexer(MessageSearch search, Timers timers, Metrics metrics) {
    this(
        search,
        timers,
        metrics,
        PERIOD,
        (nanos, closing) -> {
          if (closing.await(nanos, NANOSECONDS)) {
            log.trace("closed during a rest");
          }
        });
  }

  SearchIndexer(
      MessageSearch search, Timers timers, Metrics metrics, Duration period, Pause pause) {
    this.search = search;
    this.timers = timers;
    this.period = period;
    this.pause = pause;
    metrics.gauge("search_conversations_to_index", this::waiting);
  }

  /**
   * @param pending how many sends of this node wait to be stored; asked after every step
   */
  public void start(LongSupplier pending) {
    sendsPending = pending;
    timers.every(period, this::runIfNeeded);
  }

  /** Messages were committed to a conversation, or changed. */
  public synchronized void written(ConversationId conversation) {
    remember(written, conversation);
  }

  @Override
  public synchronized void committed(MessageStore.Writes writes) {
    writes.lastSeqs().keySet().forEach(id -> remember(suspected, id));
    writes.revs().keySet().forEach(id -> remember(suspected, id));
  }

  @Override
  public synchronized void lostTrack() {
    lookThroughAll = true;
  }

  private void remember(Set<ConversationId> set, ConversationId conversation) {
    if (set.size() < CAPACITY) {
      set.add(conversation);
    } else if (!set.contains(conversation)) {
      lookThroughAll = true;
    }
  }

  private synchronized int waiting() {
    return written.size() + suspected.size();
  }

  private synchronized boolean isNeeded() {
    return lookThroughAll || !written.isEmpty() || !suspected.isEmpty();
  }

  private synchronized boolean takeLookThroughAll() {
    boolean wanted = lookThroughAll;
    lookThroughAll = false;
    return wanted;
  }

  private synchronized List<ConversationId> take(Set<ConversationId> set) {
    List<ConversationId> taken = List.copyOf(set);
    set.clear();
    return taken;
  }

  private void runIfNeeded() {
    if ((isNeeded() || lookingThrough) && running.compareAndSet(false, true)) {
      thread
          .run(this::work)
          .whenComplete(
              (done, fault) -> {
                running.set(false);
                if (fault != null) {
                  log.debug("indexing goes on later", fault);
                }
              });
    }
  }

  private void work() {
    List<ConversationId> toDo = new ArrayList<>(take(written));
    List<ConversationId> doubtful = take(suspected);
    try {
      for (int from = 0; from < doubtful.size(); from += LOOKED_UP_AT_ONCE) {
        int to = Math.min(from + LOOKED_UP_AT_ONCE, doubtful.size());
        toDo.addAll(search.behind(doubtful.subList(from, to)));
      }
    } catch (RuntimeException away) {
      lostTrack();
      toDo.forEach(this::written);
      throw away;
    }
    index(new LinkedHashSet<>(toDo));
    lookThrough();
  }

  /** Step after step of each, in turn, so that a long one does not keep the others waiting. */
  private void index(Set<ConversationId> toDo) {
    Set<ConversationId> left = toDo;
    while (!left.isEmpty() && !isClosed()) {
      Set<ConversationId> unfinished = new LinkedHashSet<>();
      for (ConversationId conversation : left) {
        long begun = System.nanoTime();
        switch (step(conversation)) {
          case MORE -> unfinished.add(conversation);
          case LATER -> written(conversation);
          case DONE -> {}
        }
        rest(restAfter(System.nanoTime() - begun, sendsPending.getAsLong()));
        if (isClosed()) {
          return;
        }
      }
      left = unfinished;
    }
  }

  /**
   * How long to rest after a step, in nanoseconds: not at all while no send waits, as long as the
   * step while up to four do, and once more for every four, up to twenty times and a second.
   */
  static long restAfter(long stepNanos, long sendsPending) {
    long times = (sendsPending + SENDS_FOR_A_REST - 1) / SENDS_FOR_A_REST;
    return Math.min(stepNanos * Math.min(times, LONGEST_REST_IN_STEPS), LONGEST_REST_NANOS);
  }

  private void rest(long nanos) {
    if (nanos > 0) {
      try {
        pause.rest(nanos, closing);
      } catch (InterruptedException closed) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private boolean isClosed() {
    return closing.getCount() == 0 || Thread.currentThread().isInterrupted();
  }

  private MessageSearch.Step step(ConversationId conversation) {
    try {
      return search.index(conversation);
    } catch (StoreUnavailableException away) {
      log.debug("the store is away; conversation {} is indexed later", conversation, away);
      return MessageSearch.Step.LATER;
    } catch (RuntimeException fault) {
      long times = faults.due();
      if (times > 0) {
        log.warn(
            "conversation {} could not be indexed for search, and is left out until it is written"
                + " to again ({} such faults)",
            conversation,
            times,
            fault);
      }
      return MessageSearch.Step.DONE;
    }
  }

  private void lookThrough() {
    if (takeLookThroughAll()) {
      lookingThrough = true;
      lookedThrough = null;
    }
    if (lookingThrough && !isClosed()) {
      Laggards part = search.behind(lookedThrough);
      index(new LinkedHashSet<>(part.conversations()));
      lookedThrough = part.next();
      lookingThrough = part.next() != null;
    }
  }

  @Override
  public void close() {
    closing.countDown();
    thread.close();
  }
}
