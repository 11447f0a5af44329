package chat.engine.internal;

import chat.engine.ChatApplication;
import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatListener;
import chat.engine.ChatSession;
import chat.engine.ChatUser;
import chat.engine.Connected;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.SyncCursor;
import chat.engine.TransactionalChat;
import chat.engine.UserId;
import chat.engine.bot.Bot;
import chat.engine.event.SessionEnded;
import chat.engine.feed.Feed;
import chat.engine.feed.FeedConsumer;
import chat.engine.feed.FeedOptions;
import chat.engine.internal.bot.BotConsumer;
import chat.engine.internal.cluster.Envelope;
import chat.engine.internal.cluster.StoreComparison;
import chat.engine.internal.cluster.Topics;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.runtime.Limit;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.session.Session;
import chat.engine.internal.session.SessionRegistry;
import chat.engine.internal.session.UserSessions;
import chat.engine.internal.util.Threads;
import java.sql.Connection;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way in, and the life of the engine from start to close. The {@link Parts} do the work.
 * Thread-safe.
 */
final class Engine implements ChatEngine {
  private static final Logger log = LoggerFactory.getLogger(Engine.class);
  private static final String BOTS = "bots";
  private static final Duration HOUSEKEEPING = Duration.ofMillis(500);
  private static final Duration UNSTICK = Duration.ofMillis(15);
  private static final Duration CLOSE_DRAIN = Duration.ofSeconds(5);

  /** Within this time the other nodes find in the store what no envelope told them. */
  private static final Duration COMPARED = StoreComparison.PERIOD.multipliedBy(3);

  private static final Duration TOO_MANY_SESSIONS_RETRY = Duration.ofSeconds(5);
  private static final Duration MAX_RETRY_AFTER = Duration.ofSeconds(5);

  private final Parts parts;
  private final AtomicLong sessionNumbers = new AtomicLong();
  private final AtomicBoolean closing = new AtomicBoolean();
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile boolean draining;

  private Engine(Parts parts) {
    this.parts = parts;
  }

  /** Starts the parts; if one of them fails, all are closed and the fault is thrown. */
  static ChatEngine start(Parts parts) {
    Engine engine = new Engine(parts);
    try {
      engine.start();
      return engine;
    } catch (RuntimeException | Error fault) {
      parts.abandon();
      throw fault;
    }
  }

  private void start() {
    parts.comparison.start();
    parts.router.start(parts.store.epoch(), parts.receiver);
    var unused = parts.subscriptions.acquire(List.of(Topics.NODES));
    parts.presence.start(parts.timers);
    parts.typing.start(parts.timers);
    parts.outbox.start(parts.timers);
    parts.eraser.start(parts.timers);
    parts.retention.start();
    parts.users.start(parts.timers);
    if (parts.indexer != null) {
      parts.indexer.start(parts.pipeline::pending);
    }
    parts.timers.every(UNSTICK, parts::watchApplicationThreads);
    parts.timers.every(HOUSEKEEPING, this::keepHouse);
  }

  // ---- the way in

  @Override
  public CompletableFuture<ChatSession> connect(
      UserId user, DeviceId device, ChatListener listener) {
    return open(
        user,
        device,
        listener,
        (session, connected) ->
            parts.syncs.connect(session, () -> connected.complete(handle(session))));
  }

  @Override
  public CompletableFuture<Connected> connect(
      UserId user,
      DeviceId device,
      Map<ConversationId, SyncCursor> cursors,
      ChatListener listener) {
    Map<ConversationId, SyncCursor> asked = Map.copyOf(cursors);
    return open(
        user,
        device,
        listener,
        (session, connected) ->
            parts.syncs.sync(
                session,
                asked,
                answer -> connected.complete(new Connected(handle(session), answer))));
  }

  private ChatSession handle(Session session) {
    return new SessionHandle(parts.operations, session);
  }

  /** Loads the cursors of a new session and completes the answer in front of its first event. */
  private interface Loading<T> {
    CompletableFuture<Void> begin(Session session, CompletableFuture<T> connected);
  }

  private <T> CompletableFuture<T> open(
      UserId user, DeviceId device, ChatListener listener, Loading<T> loading) {
    Objects.requireNonNull(device, "device");
    Objects.requireNonNull(listener, "listener");
    if (user.isSystem()) {
      return CompletableFuture.failedFuture(ChatException.badRequest("the system cannot connect"));
    }
    if (draining) {
      return CompletableFuture.failedFuture(Errors.closing());
    }
    return parts.answers.take(() -> begin(user, device, listener, loading));
  }

  private <T> CompletableFuture<T> begin(
      UserId user, DeviceId device, ChatListener listener, Loading<T> loading) {
    SessionRegistry.Arrival arrival;
    try {
      arrival = parts.registry.add(user, home -> newSession(home, device, listener));
    } catch (ChatException tooMany) {
      return CompletableFuture.failedFuture(tooMany);
    }
    Session session = arrival.session();
    if (draining) { // since the look above: the drain may have passed by without seeing it
      session.close();
      return CompletableFuture.failedFuture(Errors.closing());
    }
    if (arrival.userWasAway()) {
      session.home().routed().thenRun(() -> parts.presence.arrived(user));
    }
    CompletableFuture<T> connected = parts.answers.track(new CompletableFuture<>());
    session
        .home()
        .routed()
        .thenCompose(done -> parts.ownPrivacy.load(session.home()))
        .thenCompose(done -> loading.begin(session, connected))
        .whenComplete(
            (done, fault) -> {
              if (fault != null) {
                session.close();
                parts.answers.fail(connected, fault);
              }
            });
    return connected;
  }

  /** Called under the lock of the user's place in the registry, so that the count is exact. */
  private Session newSession(UserSessions home, DeviceId device, ChatListener listener) {
    int most = parts.options.count(Limit.MAX_SESSIONS_PER_USER);
    if (home.sessions().length >= most) {
      parts.metrics.count(Metrics.Counter.SESSIONS_REFUSED);
      throw ChatException.rateLimited(
          "user " + home.user() + " has " + most + " sessions on this node, which is the most",
          TOO_MANY_SESSIONS_RETRY);
    }
    return new Session(parts.context, sessionNumbers.incrementAndGet(), home, device, listener);
  }

  @Override
  public ChatUser asUser(UserId user) {
    if (user.isSystem()) {
      throw ChatException.badRequest("the system is no user; see asApplication");
    }
    return new UserHandle(parts.operations, user);
  }

  @Override
  public ChatApplication asApplication() {
    return parts.application;
  }

  @Override
  public TransactionalChat transactional(Connection transaction) {
    if (draining) {
      throw Errors.closing();
    }
    return parts.transactions.join(transaction);
  }

  @Override
  public CompletableFuture<Feed> feed(String name, FeedOptions options, FeedConsumer consumer) {
    Objects.requireNonNull(options, "options");
    Objects.requireNonNull(consumer, "consumer");
    return draining
        ? CompletableFuture.failedFuture(Errors.closing())
        : parts.consumers.open(name, options, consumer);
  }

  @Override
  public CompletableFuture<Feed> bots(Map<UserId, Bot> bots) {
    return feed(
        BOTS,
        FeedOptions.DEFAULT,
        new BotConsumer(
            bots,
            this::asUser,
            asApplication(),
            parts.timers,
            maxTextBytes(),
            parts.answers::track));
  }

  @Override
  public CompletableFuture<Void> disconnect(UserId user, String explanation) {
    Envelope.Disconnect disconnect;
    try {
      disconnect = new Envelope.Disconnect(user, SessionEnded.requireExplanation(explanation));
    } catch (ChatException refusal) {
      return CompletableFuture.failedFuture(refusal);
    }
    parts.registry.end(
        user, new SessionEnded(SessionEnded.Reason.DISCONNECTED, Duration.ZERO, explanation));
    return parts.answers.call(
        () -> parts.publisher.publishTracked(List.of(Topics.user(user)), disconnect));
  }

  @Override
  public String epoch() {
    return parts.store.epoch();
  }

  @Override
  public String nodeId() {
    return parts.router.nodeId();
  }

  @Override
  public InstantSource clock() {
    return parts.clock;
  }

  @Override
  public int maxTextBytes() {
    return parts.options.count(Limit.MAX_TEXT_BYTES);
  }

  @Override
  public int maxGroupMembers() {
    return parts.options.count(Limit.MAX_GROUP_MEMBERS);
  }

  @Override
  public int sessionCount() {
    return parts.registry.sessionCount();
  }

  @Override
  public Map<String, Long> counters() {
    return parts.metrics.counters();
  }

  @Override
  public Map<String, Long> gauges() {
    return parts.metrics.gauges();
  }

  @Override
  public Health health() {
    return new Health(parts.breaker.isHealthy(), parts.router.healthy(), parts.ids.ready());
  }

  // ---- life

  private void keepHouse() {
    long now = System.nanoTime();
    List<UserSessions> departed = parts.registry.departed(now);
    for (UserSessions user : departed) {
      for (ConversationId group : user.groups()) {
        parts.feeds.leave(group, user);
      }
    }
    parts.subscriptions.release(departed.stream().map(user -> Topics.user(user.user())).toList());
    parts.presence.departed(
        departed.stream()
            .collect(
                Collectors.toMap(
                    UserSessions::user, user -> Duration.ofNanos(now - user.leftNanos()))));
    for (Session session :
        parts.registry.stalled(now, parts.options.time(Limit.STALLED_SESSION_TIMEOUT))) {
      parts.metrics.count(Metrics.Counter.SESSIONS_TOO_SLOW);
      session.end(new SessionEnded(SessionEnded.Reason.TOO_SLOW, Duration.ofSeconds(1)));
    }
  }

  @Override
  public boolean drain(Duration deadline) {
    draining = true;
    parts.consumers.stopDelivering();
    parts.pipeline.refuse();
    parts.writes.refuse();
    long begun = System.nanoTime();
    long end = begun + deadline.toNanos();
    boolean finished = await(this::allIsHandedOver, end);
    if (!parts.registry.all().isEmpty()) { // some may be within the grace only
      parts.presence.leaving(parts.options.time(Limit.PRESENCE_GRACE));
    }
    for (UserSessions user : parts.registry.all()) {
      for (Session session : user.sessions()) {
        session.end(new SessionEnded(SessionEnded.Reason.DRAINING, spread()));
      }
    }
    boolean told = await(() -> parts.publisher.isIdle() && parts.applicationIsIdle(), end);
    return finished && told && !parts.publisher.droppedSince(begun - COMPARED.toNanos());
  }

  private boolean allIsHandedOver() {
    return parts.pipeline.pending() == 0
        && parts.writes.areFinished()
        && parts.receipts.isIdle() // after the writes, which go into its queue
        && parts.feeds.backlog() == 0
        && parts.publisher.isIdle(); // last: all of them publish
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
    boolean first = closing.compareAndSet(false, true);
    if (Threads.isEngineThread()) { // which could wait for itself
      if (first) {
        Threads.named("close").newThread(this::end).start();
      }
    } else if (first) {
      end();
    } else {
      awaitClosed();
    }
  }

  private void end() {
    try {
      if (draining) { // in vain, perhaps
        await(this::allIsHandedOver, System.nanoTime() + CLOSE_DRAIN.toNanos());
      } else {
        drain(CLOSE_DRAIN);
      }
    } catch (RuntimeException | Error fault) {
      log.error("the engine could not be drained; it is closed all the same", fault);
    } finally {
      parts.close();
      closed.countDown();
    }
  }

  private void awaitClosed() {
    try {
      closed.await();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }
}
