package chat.engine.internal.conversation;

import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.util.LogThrottle;
import chat.engine.internal.util.Timers;
import chat.engine.spi.ConversationStore.Changed;
import chat.engine.spi.RetentionStore;
import chat.engine.spi.RetentionStore.Oldest;
import chat.engine.spi.RetentionStore.OldestMessage;
import chat.engine.spi.RetentionStore.Round;
import chat.engine.spi.StoreBusyException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes messages out of the store that are older than they are to be kept, in rounds through all
 * conversations. One node makes a round, by a lease in the store; if it dies another one goes on
 * behind the last page that it finished. A page of conversations is looked at at once, and the
 * messages go in small transactions. After each the round rests for as long as that took, so others
 * have half of the time in any case.
 *
 * <p>The general retention is asked for before the lease is taken or kept, so a node that gets no
 * answer leaves the round to others.
 *
 * <p>Thread-safe; works on the store threads, one task at a time.
 */
public final class RetentionRounds {
  private static final Logger log = LoggerFactory.getLogger(RetentionRounds.class);
  private static final Duration TICK = Duration.ofSeconds(10);
  private static final Duration LEASE = Duration.ofSeconds(60);
  private static final Duration RENEWAL = LEASE.dividedBy(4);
  private static final int CONVERSATIONS_AT_ONCE = 500;

  /** Some 5 to 20 ms of work for PostgreSQL, for which a send to the conversation waits. */
  private static final int MESSAGES_AT_ONCE = 500;

  private final RetentionStore store;
  private final Announcer announcer;
  private final StoreThreads reads;
  private final Timers timers;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final Metrics metrics;
  private final String holder;
  private final GeneralRetention general;
  private final Duration period;
  private final AtomicBoolean underWay = new AtomicBoolean();
  private final LogThrottle faults = new LogThrottle(Duration.ofMinutes(1));

  /**
   * @param holder names this node
   * @param general how long messages are kept where nothing else is set
   * @param period from the beginning of a round to that of the next
   */
  public RetentionRounds(
      RetentionStore store,
      Announcer announcer,
      StoreThreads reads,
      Timers timers,
      InstantSource clock,
      LongSupplier nanoTime,
      Metrics metrics,
      String holder,
      GeneralRetention general,
      Duration period) {
    this.store = store;
    this.announcer = announcer;
    this.reads = reads;
    this.timers = timers;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.metrics = metrics;
    this.holder = holder;
    this.general = general;
    this.period = period;
  }

  public void start() {
    timers.every(period.compareTo(TICK) < 0 ? period : TICK, this::begin);
  }

  /**
   * Sets how long the messages of a conversation are kept. Blocks: call it on a store thread.
   *
   * @param retention null for the time that the engine is set to
   */
  public void set(ConversationId conversation, @Nullable Duration retention) {
    announce(
        store
            .set(conversation, retention, UserId.SYSTEM, now())
            .orElseThrow(() -> Errors.noSuchConversation(conversation)));
  }

  /** What is made known must not fail what is committed; others find it in the store. */
  private void announce(Changed made) {
    if (made.changes().isEmpty()) {
      return;
    }
    try {
      announcer.changed(made.conversation(), made.changes());
    } catch (RuntimeException fault) {
      log.error("a committed change of the retention could not be announced", fault);
    }
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  private void begin() {
    if (underWay.compareAndSet(false, true)) {
      Turn turn = new Turn();
      step(turn, turn::begin);
    } else {
      general.reportSilence();
    }
  }

  /** A piece of work. Returns the next one, or null if there is none. */
  private interface Work {
    @Nullable Work run();
  }

  private void step(Turn turn, Work work) {
    turn.knowGeneral()
        .thenCompose(known -> known ? onStore(turn, work) : CompletableFuture.completedFuture(true))
        .whenComplete(
            (isOver, fault) -> {
              if (fault != null) {
                underWay.set(false);
                report(fault);
              } else if (isOver) {
                underWay.set(false);
              }
            });
  }

  /** Whether that was the last piece of work; else the next one is under way. */
  private CompletableFuture<Boolean> onStore(Turn turn, Work work) {
    long begun = nanoTime.getAsLong();
    return reads
        .submit(() -> Optional.ofNullable(work.run()))
        .thenApply(
            next -> {
              if (next.isEmpty()) {
                return true;
              }
              Duration rest = Duration.ofNanos(Math.max(0, nanoTime.getAsLong() - begun));
              timers.later(rest, () -> step(turn, next.get()));
              return false;
            });
  }

  private void report(Throwable fault) {
    ChatException cause = Errors.toChatException(fault);
    if (faults.due() > 0) {
      // without a trace: the store that is away says so itself
      log.warn(
          "expired messages could not be taken out, that goes on in some seconds: {}",
          cause.getMessage());
    }
  }

  /** What this node does of a round, as long as it has the lease. */
  private final class Turn {
    private final Deque<OldestMessage> due = new ArrayDeque<>();
    private @Nullable ConversationId after;
    private boolean isLast;
    private long renewedAt;
    private @Nullable Duration standard;
    private @Nullable Long knownAt;

    /**
     * Asks for the general retention, and again before each renewal of the lease: what an operator
     * changes counts soon, also in a long round. False if there is no answer.
     */
    CompletableFuture<Boolean> knowGeneral() {
      long now = nanoTime.getAsLong();
      if (knownAt != null && now - knownAt < RENEWAL.toNanos()) {
        return CompletableFuture.completedFuture(true);
      }
      return general
          .ask()
          .thenApply(
              answer -> {
                if (answer == null) {
                  return false;
                }
                standard = answer.retention();
                knownAt = now;
                return true;
              });
    }

    @Nullable Work begin() {
      Optional<Round> round = lease();
      if (round.isEmpty()) {
        return null;
      }
      after = round.get().after();
      return this::look;
    }

    private Optional<Round> lease() {
      renewedAt = nanoTime.getAsLong();
      return store.lease(holder, LEASE, period);
    }

    private boolean hasLease() {
      return nanoTime.getAsLong() - renewedAt < RENEWAL.toNanos() || lease().isPresent();
    }

    private @Nullable Work look() {
      if (!hasLease()) {
        return null;
      }
      Oldest page = store.oldest(after, CONVERSATIONS_AT_ONCE, standard == null);
      page.messages().stream().filter(this::isDue).forEach(due::add);
      after = page.last();
      isLast = after == null;
      return next();
    }

    private boolean isDue(OldestMessage oldest) {
      Instant limit = limit(oldest);
      return limit != null && oldest.createdAt().isBefore(limit);
    }

    /** Messages from before it have expired. */
    private @Nullable Instant limit(OldestMessage oldest) {
      Duration kept = oldest.retention() != null ? oldest.retention() : standard;
      return kept == null ? null : clock.instant().minus(kept);
    }

    private @Nullable Work next() {
      if (!due.isEmpty()) {
        return this::expire;
      }
      store.reached(holder, after);
      return isLast ? null : this::look;
    }

    private @Nullable Work expire() {
      if (!hasLease()) {
        return null;
      }
      OldestMessage first = due.getFirst();
      Instant limit = limit(first);
      Optional<RetentionStore.Expiry> made =
          limit == null ? Optional.empty() : take(first.conversation(), limit);
      if (made.isEmpty()) {
        due.removeFirst();
        return next();
      }
      metrics.count(Metrics.Counter.MESSAGES_EXPIRED, made.get().messages());
      announce(made.get().changed());
      if (made.get().messages() < MESSAGES_AT_ONCE) {
        due.removeFirst();
        due.addLast(first); // once more, behind the others: much belonged to its messages
      }
      return next();
    }

    /** Empty also for a conversation that a transaction of somebody holds: the next round. */
    private Optional<RetentionStore.Expiry> take(ConversationId conversation, Instant limit) {
      try {
        return store.expire(conversation, limit, MESSAGES_AT_ONCE, now());
      } catch (StoreBusyException held) {
        return Optional.empty();
      }
    }
  }
}
