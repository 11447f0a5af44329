package chat.engine.internal.cluster;

import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.Member;
import chat.engine.MessageId;
import chat.engine.UserId;
import chat.engine.internal.feed.ShardedFeeds;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.session.SessionRegistry;
import chat.engine.internal.session.UserSessions;
import chat.engine.sonyflake.Sonyflake;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.MessageStore;
import chat.engine.spi.PublicationOutbox;
import chat.engine.spi.Router;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds what this node missed. After any doubt it asks the store what was committed since (ids are
 * sorted by time, so that is a short scan of the newest rows), and shows the feeds how far they
 * should be; the feeds fetch the rest. While the router is away it does so every {@link
 * #SWEEP_WHILE_ALONE}, so that even then messages arrive, seconds late. It also publishes what an
 * application stored in its own transaction and then forgot to publish.
 *
 * <p>Thread-safe; works on the store threads, one sweep at a time.
 */
public final class StoreComparison {
  /**
   * A message is looked for this long before the doubt began: its id was made before its commit, on
   * a node whose clock may be off.
   */
  static final Duration MARGIN = Duration.ofSeconds(30);

  static final Duration SWEEP_WHILE_ALONE = Duration.ofSeconds(2);
  private static final Duration TICK = Duration.ofMillis(500);
  private static final Duration OUTBOX_PERIOD = Duration.ofSeconds(2);
  private static final int OUTBOX_PAGE = 256;
  private static final Logger log = LoggerFactory.getLogger(StoreComparison.class);

  /**
   * Publishes a message that is in the store, and the note of it, as {@code
   * ChatEngine.publishCommitted} does.
   */
  public interface OutboxPublisher {
    void publish(PublicationOutbox.Note note);
  }

  private final MessageStore store;
  private final Router router;
  private final StoreThreads reads;
  private final SessionRegistry registry;
  private final ShardedFeeds feeds;
  private final OutboxPublisher outboxPublisher;
  private final InstantSource clock;
  private final Metrics metrics;
  private final AtomicBoolean sweeping = new AtomicBoolean();

  /** Guarded by this. */
  private @Nullable Instant doubtSince;

  // The rest belongs to the timer.

  /** When the last sweep of this outage began; null while the router works. */
  private @Nullable Instant aloneSwept;

  private long aloneSweptNanos;
  private long outboxSeenNanos;

  public StoreComparison(
      MessageStore store,
      Router router,
      StoreThreads reads,
      SessionRegistry registry,
      ShardedFeeds feeds,
      OutboxPublisher outboxPublisher,
      InstantSource clock,
      Metrics metrics) {
    this.store = store;
    this.router = router;
    this.reads = reads;
    this.registry = registry;
    this.feeds = feeds;
    this.outboxPublisher = outboxPublisher;
    this.clock = clock;
    this.metrics = metrics;
  }

  public void start() {
    outboxSeenNanos = System.nanoTime() - OUTBOX_PERIOD.toNanos();
    reads.every(TICK, this::tick);
  }

  /** Something that was committed since then may not have reached this node. */
  public void doubt(Instant since) {
    synchronized (this) {
      if (doubtSince == null || since.isBefore(doubtSince)) {
        doubtSince = since;
      }
    }
    sweepIfNeeded();
  }

  private void tick() {
    long now = System.nanoTime();
    if (router.healthy()) {
      aloneSwept = null;
    } else if (aloneSwept == null || now - aloneSweptNanos >= SWEEP_WHILE_ALONE.toNanos()) {
      Instant begun = clock.instant();
      Instant since = aloneSwept == null ? begun : aloneSwept;
      aloneSwept = begun;
      aloneSweptNanos = now;
      doubt(since);
    }
    if (store instanceof PublicationOutbox outbox
        && now - outboxSeenNanos >= OUTBOX_PERIOD.toNanos()) {
      outboxSeenNanos = now;
      reads.submit(() -> publishForgotten(outbox));
    }
    sweepIfNeeded();
  }

  private void sweepIfNeeded() {
    Instant since;
    synchronized (this) {
      if (doubtSince == null || !sweeping.compareAndSet(false, true)) {
        return;
      }
      since = doubtSince;
      doubtSince = null;
    }
    reads
        .submit(() -> sweep(since))
        .whenComplete(
            (done, fault) -> {
              sweeping.set(false);
              if (fault != null) {
                log.debug("a sweep failed and will be repeated", fault);
                synchronized (this) {
                  doubtSince =
                      doubtSince == null || since.isBefore(doubtSince) ? since : doubtSince;
                }
              }
            });
  }

  private @Nullable Void sweep(Instant since) {
    metrics.count(Metrics.Counter.SWEEPS);
    MessageId from = MessageId.of(Sonyflake.floor(since.minus(MARGIN)));
    sweepGroups(store.conversations().changedSince(from));
    Map<ConversationId, Long> committed = store.committedSince(from);
    List<ConversationId> ids = new ArrayList<>(committed.keySet());
    for (int start = 0; start < ids.size(); start += OUTBOX_PAGE) {
      List<ConversationId> page = ids.subList(start, Math.min(start + OUTBOX_PAGE, ids.size()));
      for (ConversationStore.Found found : store.conversations().find(page).values()) {
        feeds.observe(found.conversation(), found.lastSeq(), found.membersRev());
      }
    }
    return null;
  }

  /**
   * Users of this node who were added to a group without this node hearing of it enter its feed.
   */
  private void sweepGroups(Map<ConversationId, Long> changed) {
    if (changed.isEmpty()) {
      return;
    }
    for (ConversationStore.Found found : store.conversations().find(changed.keySet()).values()) {
      if (found.conversation().kind() != ConversationKind.GROUP) {
        continue;
      }
      feeds.observe(found.conversation(), found.lastSeq(), found.membersRev());
      store
          .conversations()
          .members(found.conversation().id())
          .ifPresent(
              list -> {
                List<UserId> unaware = new ArrayList<>();
                for (Member member : list.members()) {
                  UserSessions user = registry.find(member.user());
                  if (user != null && !user.isInGroup(found.conversation().id())) {
                    unaware.add(member.user());
                  }
                }
                if (!unaware.isEmpty()) {
                  feeds.admit(found.conversation(), changesOf(found), unaware);
                }
              });
    }
  }

  private List<ConversationChange> changesOf(ConversationStore.Found found) {
    return store.conversations().changes(found.conversation().id(), 0, Integer.MAX_VALUE);
  }

  private @Nullable Void publishForgotten(PublicationOutbox outbox) {
    for (PublicationOutbox.Note note : outbox.unpublished(OUTBOX_PERIOD, OUTBOX_PAGE)) {
      metrics.count(Metrics.Counter.FORGOTTEN_PUBLICATIONS);
      outboxPublisher.publish(note);
    }
    return null;
  }
}
