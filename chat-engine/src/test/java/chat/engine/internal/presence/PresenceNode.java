package chat.engine.internal.presence;

import static org.awaitility.Awaitility.await;

import chat.engine.ChatListener;
import chat.engine.ChatSession;
import chat.engine.DeviceId;
import chat.engine.Presence;
import chat.engine.UserId;
import chat.engine.event.PresenceChanged;
import chat.engine.hook.EngineTimings;
import chat.engine.internal.cluster.Envelope;
import chat.engine.internal.cluster.EnvelopeCodec;
import chat.engine.internal.cluster.EnvelopeHandler;
import chat.engine.internal.cluster.EnvelopeReceiver;
import chat.engine.internal.cluster.Publisher;
import chat.engine.internal.cluster.Subscriptions;
import chat.engine.internal.cluster.Topics;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.session.Cursors;
import chat.engine.internal.session.Session;
import chat.engine.internal.session.SessionContext;
import chat.engine.internal.session.SessionRegistry;
import chat.engine.internal.session.TestHandle;
import chat.engine.internal.session.UserSessions;
import chat.engine.memory.InMemoryRouter;
import chat.engine.spi.LastSeenStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What of a node has to do with presence. Its clock stands, and nothing ticks unless told to. */
final class PresenceNode implements AutoCloseable {
  static final Duration GRACE = Duration.ofSeconds(10);

  /** What the nodes of a test share. */
  static final class World implements AutoCloseable {
    final InMemoryRouter.Network network = new InMemoryRouter.Network();

    /** Wraps round soon, as a clock without an origin may. */
    private static final long START = Long.MAX_VALUE - 1_000_000_007L;

    final AtomicLong nanos = new AtomicLong(START);
    final List<PresenceNode> nodes = new ArrayList<>();

    /** The store's times; throws the fault if there is one. */
    final Map<UserId, Instant> lastSeen = new ConcurrentHashMap<>();

    volatile @Nullable RuntimeException storeFault;

    final LastSeenStore store =
        new LastSeenStore() {
          @Override
          public void record(Map<UserId, Instant> seen) {
            check();
            lastSeen.putAll(seen);
          }

          @Override
          public Map<UserId, Instant> find(java.util.Collection<UserId> users) {
            check();
            Map<UserId, Instant> found = new HashMap<>(lastSeen);
            found.keySet().retainAll(users);
            return found;
          }

          private void check() {
            RuntimeException fault = storeFault;
            if (fault != null) {
              throw fault;
            }
          }
        };

    PresenceNode node() {
      PresenceNode node = new PresenceNode(this);
      nodes.add(node);
      return node;
    }

    Instant instant() {
      return Instant.EPOCH.plusNanos(nanos.get() - START);
    }

    /** Lets time pass, tick by tick, on all nodes. */
    void pass(Duration time) {
      for (long left = time.toNanos(); left > 0; left -= PresenceTracker.TICK.toNanos()) {
        nanos.addAndGet(PresenceTracker.TICK.toNanos());
        nodes.forEach(PresenceNode::tick);
        settle();
      }
    }

    /** Waits until nothing is under way. */
    void settle() {
      await()
          .atMost(Duration.ofSeconds(30))
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofNanos(50_000))
          .until(() -> isIdle() && isIdle() && isIdle());
    }

    private boolean isIdle() {
      return nodes.stream().allMatch(PresenceNode::isIdle);
    }

    @Override
    public void close() {
      nodes.forEach(PresenceNode::close);
    }
  }

  /** Somebody who watches: the answers and events, as they came. */
  static final class Watcher implements ChatListener {
    final List<Presence> events = Collections.synchronizedList(new ArrayList<>());
    final Map<UserId, Boolean> told = new ConcurrentHashMap<>();

    /** Users who were told to be offline after they had been told to be online. */
    final Set<UserId> gone = ConcurrentHashMap.newKeySet();

    @Override
    public void onEvent(ChatSession session, chat.engine.event.ChatEvent event) {
      if (event instanceof PresenceChanged changed) {
        events.add(changed.presence());
        tell(changed.presence());
      }
    }

    void answered(List<Presence> presences) {
      presences.forEach(this::tell);
    }

    private void tell(Presence presence) {
      Boolean before = told.put(presence.user(), presence.online());
      if (Boolean.TRUE.equals(before) && !presence.online()) {
        gone.add(presence.user());
      }
    }

    List<Boolean> eventsAbout(UserId user) {
      return List.copyOf(events).stream()
          .filter(presence -> presence.user().equals(user))
          .map(Presence::online)
          .toList();
    }
  }

  private record Departure(UserSessions home, long leftNanos, long leftAt) {}

  private final World world;
  final FaultyRouter router;
  final Metrics metrics;
  final SessionRegistry registry;
  final Subscriptions subscriptions;
  final SessionContext context;
  final StoreThreads reads = new StoreThreads(1, 16_384);
  final Publisher publisher;
  final PresenceTracker tracker;
  private final Deque<Departure> departures = new ArrayDeque<>();
  private long sessions;
  boolean running = true;

  private PresenceNode(World world) {
    this.world = world;
    this.router = new FaultyRouter(world.network);
    this.metrics = new Metrics(EngineTimings.NONE, world::instant);
    this.subscriptions = new Subscriptions(router);
    this.registry =
        new SessionRegistry(GRACE, user -> subscriptions.acquire(List.of(Topics.user(user))));
    this.context = new SessionContext(1 << 16, metrics, Runnable::run, registry, router);
    EnvelopeCodec codec = new EnvelopeCodec("epoch");
    this.publisher = new Publisher(router, codec, metrics);
    this.tracker =
        new PresenceTracker(
            router,
            world.store,
            registry,
            subscriptions,
            publisher,
            reads,
            context,
            world::instant,
            world.nanos::get);
    context.wire(
        new SessionContext.Owner() {
          @Override
          public void refill(List<Session.Gap> gaps) {}

          @Override
          public ChatSession handle(Session session) {
            return TestHandle.of(session);
          }

          @Override
          public void closed(Session session) {
            tracker.unwatchAll(session);
          }
        });
    router.start("epoch", new EnvelopeReceiver(new Inbox(), codec, metrics));
  }

  private final class Inbox implements EnvelopeHandler {
    @Override
    public void committed(Envelope.Committed committed) {}

    @Override
    public void changed(Envelope.Changed changed) {}

    @Override
    public void created(Envelope.Created created) {}

    @Override
    public void receipt(Envelope.Receipt receipt) {}

    @Override
    public void ownRead(Envelope.OwnRead read) {}

    @Override
    public void preferences(Envelope.PreferencesSet preferences) {}

    @Override
    public void privacySet(Envelope.PrivacySet set) {}

    @Override
    public void blockChanged(Envelope.BlockChanged changed) {}

    @Override
    public void gone(Envelope.Gone gone) {}

    @Override
    public void typing(Envelope.Typing typing) {}

    @Override
    public void presence(Envelope.PresenceHint hint) {
      if (running) {
        tracker.hinted(hint);
      }
    }

    @Override
    public void disconnect(Envelope.Disconnect disconnect) {}

    @Override
    public void doubt() {
      if (running) {
        tracker.doubt();
      }
    }

    @Override
    public void nodeDied(List<UserId> users) {
      if (running) {
        tracker.nodeDied(users, GRACE);
      }
    }
  }

  // ---- users

  Session connect(UserId user) {
    return connect(user, ChatListener.of(event -> {}));
  }

  Session connect(UserId user, ChatListener listener) {
    long number = ++sessions;
    SessionRegistry.Arrival arrival =
        registry.add(
            user, home -> new Session(context, number, home, DeviceId.of("d" + number), listener));
    if (arrival.userWasAway()) {
      arrival.session().home().routed().thenRun(() -> tracker.arrived(user));
    }
    arrival.session().home().routed().join();
    arrival.session().endSync(new Cursors(), () -> {});
    return arrival.session();
  }

  void disconnect(Session session) {
    session.close();
    departures.add(new Departure(session.home(), session.home().leftNanos(), world.nanos.get()));
  }

  CompletableFuture<Void> watch(Session session, Watcher watcher, UserId... users) {
    return tracker.watch(session, Set.of(users), presences -> presences, watcher::answered);
  }

  boolean has(UserId user) {
    return running && registry.find(user) != null;
  }

  // ---- life

  void tick() {
    if (!running) {
      return;
    }
    while (!departures.isEmpty()
        && world.nanos.get() - departures.peek().leftAt() >= GRACE.toNanos()) {
      List<UserSessions> gone =
          registry.departed(departures.remove().leftNanos() + GRACE.toNanos());
      subscriptions.release(gone.stream().map(home -> Topics.user(home.user())).toList());
      tracker.departed(gone.stream().collect(Collectors.toMap(UserSessions::user, user -> GRACE)));
    }
    tracker.tick();
  }

  boolean isIdle() {
    return !running
        || (publisher.isIdle()
            && subscriptions.pending() == 0
            && tracker.backlog() == 0
            && reads.submit(() -> true).join());
  }

  /** Stops as a process that is killed: silently. The router forgets it later. */
  void kill() {
    running = false;
  }

  /** Leaves the cluster in order. */
  void leave() {
    tracker.leaving(GRACE);
    world.settle();
    running = false;
    router.close();
  }

  @Override
  public void close() {
    running = false;
    publisher.close();
    subscriptions.close();
    tracker.close();
    router.close();
    reads.close();
  }
}
