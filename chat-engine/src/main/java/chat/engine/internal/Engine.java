package chat.engine.internal;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatListener;
import chat.engine.ChatSession;
import chat.engine.ChatUser;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.Message;
import chat.engine.MessageId;
import chat.engine.NewMessage;
import chat.engine.SendAck;
import chat.engine.UserId;
import chat.engine.event.SessionEnded;
import chat.engine.internal.cluster.Envelope;
import chat.engine.internal.cluster.EnvelopeReceiver;
import chat.engine.internal.cluster.Publisher;
import chat.engine.internal.cluster.StoreComparison;
import chat.engine.internal.cluster.Subscriptions;
import chat.engine.internal.cluster.Topics;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.internal.conversation.GroupAdministration;
import chat.engine.internal.conversation.ReceiptWriter;
import chat.engine.internal.feed.ShardedFeeds;
import chat.engine.internal.hook.HookRunner;
import chat.engine.internal.hook.Hooks;
import chat.engine.internal.presence.PresenceTracker;
import chat.engine.internal.presence.TypingTracker;
import chat.engine.internal.runtime.ElasticPool;
import chat.engine.internal.runtime.EngineOptions;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.runtime.Refusals;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.send.CircuitBreaker;
import chat.engine.internal.send.CommitPipeline;
import chat.engine.internal.send.Committer;
import chat.engine.internal.send.MessageSender;
import chat.engine.internal.session.Session;
import chat.engine.internal.session.SessionContext;
import chat.engine.internal.session.SessionRegistry;
import chat.engine.internal.session.UserSessions;
import chat.engine.internal.sync.SyncReader;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.IdGenerator;
import chat.engine.spi.MessageStore;
import chat.engine.spi.PublicationOutbox;
import chat.engine.spi.Router;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Puts the parts together, and is the way in. Of the parts, sends go through {@link
 * CommitPipeline}, events through {@link ShardedFeeds} into {@link Session}s, everything between
 * nodes through {@link Publisher} and {@link EnvelopeReceiver}, and {@link StoreComparison} finds
 * what was lost on the way.
 */
public final class Engine implements ChatEngine {
  private static final int STORE_THREADS = 4;
  private static final Duration HOUSEKEEPING = Duration.ofMillis(500);
  private static final Duration UNSTICK = Duration.ofMillis(15);
  private static final Duration CLOSE_DRAIN = Duration.ofSeconds(5);
  private static final Duration MAX_RETRY_AFTER = Duration.ofSeconds(5);

  private final MessageStore store;
  private final Router router;
  private final IdGenerator ids;
  private final InstantSource clock;
  private final EngineOptions options;
  private final Metrics metrics;
  private final ElasticPool delivery;
  private final StoreThreads reads = new StoreThreads(STORE_THREADS);
  private final SessionRegistry registry;
  private final SessionContext context;
  private final Subscriptions subscriptions;
  private final Publisher publisher;
  private final ConversationDirectory directory;
  private final ShardedFeeds feeds;
  private final TypingTracker typing;
  private final PresenceTracker presence;
  private final StoreComparison repairer;
  private final CircuitBreaker gate;
  private final HookRunner hooks;
  private final CommitPipeline pipeline;
  private final ReceiptWriter receipts;
  private final SyncReader syncs;
  private final UserOperations calls;
  private final AtomicLong sessionNumbers = new AtomicLong();
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile boolean draining;

  private Engine(
      MessageStore store,
      Router router,
      IdGenerator ids,
      Hooks given,
      InstantSource clock,
      EngineOptions options) {
    this.store = store;
    this.router = router;
    this.ids = ids;
    this.clock = clock;
    this.options = options;
    metrics = new Metrics(given.timings(), clock);
    int cores = Runtime.getRuntime().availableProcessors();
    delivery = new ElasticPool(Math.max(2, Math.min(cores, 8)));
    registry = new SessionRegistry(options.presenceGrace());
    context =
        new SessionContext(
            options.sessionBudgetBytes(), given.encoder(), metrics, delivery, registry, router);
    subscriptions = new Subscriptions(router);
    publisher = new Publisher(router, clock, metrics);
    ConversationStore conversations = store.conversations();
    directory = new ConversationDirectory(conversations);
    int stripes = Math.max(1, Math.min(cores / 2, 8));
    feeds =
        new ShardedFeeds(
            stripes, context, registry, subscriptions, store, reads, directory, metrics);
    typing = new TypingTracker(feeds);
    presence =
        new PresenceTracker(
            router, store.lastSeen(), registry, subscriptions, publisher, reads, context, clock);
    repairer =
        new StoreComparison(
            store, router, reads, registry, feeds, this::publishNote, clock, metrics);
    gate = new CircuitBreaker(store, reads, clock, () -> repairer.doubt(clock.instant()));
    hooks = new HookRunner(given, presence, conversations, reads, options.hookDeadline(), metrics);
    Committer committer =
        new Committer(
            store,
            ids,
            directory,
            gate,
            this::onCommitted,
            delivery,
            clock,
            metrics,
            options.sendTimeout());
    pipeline = new CommitPipeline(committer, gate, delivery, options, metrics);
    receipts = new ReceiptWriter(conversations, directory, feeds, publisher, delivery);
    syncs = new SyncReader(store, reads, feeds, directory, context);
    calls =
        new UserOperations(
            store,
            reads,
            new MessageSender(conversations, reads, pipeline, directory, hooks, options),
            receipts,
            new GroupAdministration(
                conversations, ids, directory, feeds, publisher, clock, options.maxGroupMembers()),
            syncs,
            directory,
            presence,
            typing,
            publisher);
    context.wire(calls, feeds);
    metrics.gauge("sessions", registry::sessionCount);
    metrics.gauge("delivery_threads", delivery::threadCount);
  }

  public static ChatEngine start(
      MessageStore store,
      Router router,
      IdGenerator ids,
      Hooks hooks,
      InstantSource clock,
      EngineOptions options) {
    Engine engine = new Engine(store, router, ids, hooks, clock, options);
    engine.start();
    return engine;
  }

  private void start() {
    router.start(
        new EnvelopeReceiver(
            feeds, typing, presence, repairer, options.presenceGrace(), clock, metrics));
    subscriptions.acquire(List.of(Topics.NODES));
    repairer.start();
    presence.start();
    typing.start(reads);
    reads.every(UNSTICK, delivery::replaceStuckWorkers);
    reads.every(HOUSEKEEPING, this::keepHouse);
  }

  // ---- the way in

  @Override
  public CompletionStage<ChatSession> connect(UserId user, DeviceId device, ChatListener listener) {
    if (user.isSystem()) {
      return CompletableFuture.failedFuture(ChatException.badRequest("the system cannot connect"));
    }
    if (draining) {
      return CompletableFuture.failedFuture(Refusals.closing());
    }
    long number = sessionNumbers.incrementAndGet();
    SessionRegistry.Arrival arrival =
        registry.add(user, home -> new Session(context, number, home, device, listener));
    Session session = arrival.session();
    if (draining) { // since the look above: the drain may have passed by without seeing it
      session.close();
      return CompletableFuture.failedFuture(Refusals.closing());
    }
    CompletableFuture<Void> routed =
        arrival.userWasAway()
            ? subscriptions
                .acquire(List.of(Topics.user(user)))
                .thenRun(() -> presence.arrived(user))
            : subscriptions.settled();
    return routed
        .thenCompose(done -> syncs.connect(session))
        .thenApply(connected -> (ChatSession) new SessionHandle(connected))
        .whenComplete(
            (connected, fault) -> {
              if (fault != null) {
                session.close();
              }
            });
  }

  @Override
  public ChatUser asUser(UserId user) {
    if (user.isSystem()) {
      throw ChatException.badRequest("the system is no user; it sends with sendAsSystem");
    }
    return new UserHandle(calls, user);
  }

  @Override
  public CompletionStage<SendAck> sendAsSystem(ConversationId conversation, NewMessage message) {
    return calls.send(UserId.SYSTEM, null, conversation, message);
  }

  @Override
  public CompletionStage<Boolean> publishCommitted(
      ConversationId conversation, long seq, MessageId id) {
    return reads.submit(() -> publishStored(new PublicationOutbox.Note(conversation, seq, id)));
  }

  @Override
  public void disconnect(UserId user) {
    UserSessions home = registry.find(user);
    if (home != null) {
      for (Session session : home.sessions()) {
        session.end(new SessionEnded(SessionEnded.Reason.DISCONNECTED, Duration.ZERO));
      }
    }
  }

  @Override
  public int sessionCount() {
    return registry.sessionCount();
  }

  @Override
  public Map<String, Long> metrics() {
    return metrics.snapshot();
  }

  @Override
  public Health health() {
    return new Health(gate.isHealthy(), router.healthy(), ids.ready());
  }

  // ---- what was committed

  private void onCommitted(
      List<ShardedFeeds.Arrival> fresh, List<ShardedFeeds.Arrival> duplicates) {
    List<ShardedFeeds.Arrival> all = fresh;
    if (!duplicates.isEmpty()) {
      all = new ArrayList<>(fresh);
      all.addAll(duplicates);
    }
    feeds.committed(all);
    for (ShardedFeeds.Arrival arrival : all) {
      publisher.publish(Topics.of(arrival.conversation()), envelope(arrival));
    }
    hooks.committed(fresh);
  }

  private static Envelope envelope(ShardedFeeds.Arrival arrival) {
    return new Envelope.Committed(arrival.conversation(), arrival.message(), arrival.membersRev());
  }

  private void publishNote(PublicationOutbox.Note note) {
    publishStored(note);
  }

  /** Publishes a message that is in the store, then forgets the note of it. Blocks. */
  private boolean publishStored(PublicationOutbox.Note note) {
    List<Message> found = store.after(note.conversation(), note.seq() - 1, 1);
    if (found.isEmpty() || !found.get(0).id().equals(note.id())) {
      return false;
    }
    ConversationStore.Found conversation =
        store.conversations().find(List.of(note.conversation())).get(note.conversation());
    if (conversation == null) {
      return false;
    }
    ShardedFeeds.Arrival arrival =
        new ShardedFeeds.Arrival(
            conversation.conversation(), found.get(0), conversation.membersRev());
    feeds.committed(List.of(arrival));
    if (store instanceof PublicationOutbox outbox) {
      publisher.publish(
          Topics.of(arrival.conversation()),
          envelope(arrival),
          () -> reads.run(() -> forget(outbox, note, arrival)));
    } else {
      publisher.publish(Topics.of(arrival.conversation()), envelope(arrival));
      hooks.committed(List.of(arrival));
    }
    return true;
  }

  /**
   * Who removes the note tells the hooks, so they hear of the message once, however often and on
   * however many nodes it was published. Blocks.
   */
  private void forget(
      PublicationOutbox outbox, PublicationOutbox.Note note, ShardedFeeds.Arrival arrival) {
    if (outbox.published(note)) {
      hooks.committed(List.of(arrival));
    }
  }

  // ---- life

  private void keepHouse() {
    long now = System.nanoTime();
    List<UserSessions> departed = registry.departed(now);
    for (UserSessions user : departed) {
      for (ConversationId group : user.groups()) {
        feeds.leave(group, user);
      }
    }
    subscriptions.release(departed.stream().map(user -> Topics.user(user.user())).toList());
    presence.departed(departed.stream().map(UserSessions::user).toList());
    for (Session session : registry.stalled(now, options.stalledSessionTimeout())) {
      metrics.count(Metrics.Counter.SESSIONS_TOO_SLOW);
      session.end(new SessionEnded(SessionEnded.Reason.TOO_SLOW, Duration.ofSeconds(1)));
    }
  }

  @Override
  public boolean drain(Duration deadline) {
    draining = true;
    pipeline.refuse();
    long end = System.nanoTime() + deadline.toNanos();
    boolean finished =
        await(() -> pipeline.pending() == 0 && publisher.isIdle() && feeds.backlog() == 0, end);
    if (registry.sessionCount() > 0) {
      presence.leaving(options.presenceGrace());
    }
    for (UserSessions user : registry.all()) {
      for (Session session : user.sessions()) {
        session.end(new SessionEnded(SessionEnded.Reason.DRAINING, spread()));
      }
    }
    return await(() -> publisher.isIdle() && delivery.isIdle(), end) && finished;
  }

  private static Duration spread() {
    return Duration.ofMillis(ThreadLocalRandom.current().nextLong(MAX_RETRY_AFTER.toMillis()));
  }

  private interface Condition {
    boolean holds();
  }

  private static boolean await(Condition condition, long endNanos) {
    while (!condition.holds()) {
      if (System.nanoTime() - endNanos >= 0 || Thread.currentThread().isInterrupted()) {
        return false;
      }
      LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
    }
    return true;
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    if (!draining) {
      drain(CLOSE_DRAIN);
    }
    pipeline.close();
    receipts.close();
    hooks.close();
    publisher.close();
    subscriptions.close();
    router.close();
    feeds.close();
    reads.close();
    delivery.close();
    ids.close();
    store.close();
  }
}
