package chat.engine.internal.presence;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.DeviceId;
import chat.engine.UserId;
import chat.engine.hook.EngineTimings;
import chat.engine.internal.cluster.EnvelopeCodec;
import chat.engine.internal.cluster.Publisher;
import chat.engine.internal.cluster.Subscriptions;
import chat.engine.internal.cluster.Topics;
import chat.engine.internal.runtime.ElasticPool;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.session.Session;
import chat.engine.internal.session.SessionContext;
import chat.engine.internal.session.SessionRegistry;
import chat.engine.internal.session.UserSessions;
import chat.engine.internal.util.Threads;
import chat.engine.internal.util.Timers;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.memory.InMemoryRouter;
import chat.engine.spi.Router;
import chat.engine.spi.Topic;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class PresenceTrackerTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final UserId CLEO = UserId.of("cleo");

  /** What the router has been asked to bring to this node. */
  private final Set<Topic> subscribed = ConcurrentHashMap.newKeySet();

  private final Router router = recording(new InMemoryRouter.Network().join());
  private final InMemoryMessageStore store = new InMemoryMessageStore();
  private final InstantSource clock = InstantSource.system();
  private final Metrics metrics = new Metrics(EngineTimings.NONE, clock);
  private final SessionRegistry registry =
      new SessionRegistry(Duration.ofSeconds(1), user -> CompletableFuture.completedFuture(null));
  private final ElasticPool delivery = new ElasticPool(2, Threads.named("delivery"), false);
  private final SessionContext context =
      new SessionContext(1 << 20, null, metrics, delivery, registry, router);
  private final Subscriptions subscriptions = new Subscriptions(router);
  private final StoreThreads reads = new StoreThreads(2);
  private final Timers timers = new Timers();
  private final Publisher publisher = new Publisher(router, new EnvelopeCodec("epoch"), metrics);
  private final PresenceTracker presence =
      new PresenceTracker(
          router,
          store.lastSeen(),
          registry,
          subscriptions,
          publisher,
          reads,
          timers,
          context,
          clock);

  PresenceTrackerTest() {
    context.wire(
        new SessionContext.Owner() {
          @Override
          public void refill(List<Session.Gap> gaps) {}

          @Override
          public void closed(Session session) {
            presence.unwatchAll(session);
          }
        });
  }

  private Router recording(Router real) {
    return (Router)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Router.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("subscribe")) {
                topics(arguments).forEach(subscribed::add);
              } else if (method.getName().equals("unsubscribe")) {
                topics(arguments).forEach(subscribed::remove);
              }
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException fault) {
                throw fault.getCause();
              }
            });
  }

  private static List<Topic> topics(Object[] arguments) {
    List<Topic> topics = new ArrayList<>();
    ((Collection<?>) arguments[0]).forEach(topic -> topics.add((Topic) topic));
    return topics;
  }

  @AfterEach
  void close() {
    publisher.close();
    subscriptions.close();
    router.close();
    reads.close();
    timers.close();
    delivery.close();
  }

  private Session session(long number) {
    return registry
        .add(
            ADA, home -> new Session(context, number, home, DeviceId.of("d" + number), event -> {}))
        .session();
  }

  private void settle() {
    subscriptions.settled().join();
  }

  /** Does something when it is iterated for the second time, after the first element. */
  private static final class Interrupting extends LinkedHashSet<UserId> {
    private static final long serialVersionUID = 1;
    private final transient Runnable interruption;
    private int iterations;

    Interrupting(List<UserId> users, Runnable interruption) {
      super(users);
      this.interruption = interruption;
    }

    @Override
    public Iterator<UserId> iterator() {
      Iterator<UserId> real = super.iterator();
      boolean interrupt = ++iterations == 2;
      return new Iterator<>() {
        private int passed;

        @Override
        public boolean hasNext() {
          return real.hasNext();
        }

        @Override
        public UserId next() {
          if (interrupt && passed++ == 1) {
            interruption.run();
          }
          return real.next();
        }
      };
    }
  }

  @Test
  void aSessionThatForgetsItsWatchesWhileItTakesThemUpLeavesNoTopicBehind() {
    Session session = session(1);
    presence
        .watch(session, new Interrupting(List.of(BOB, CLEO), () -> presence.unwatchAll(session)))
        .join();
    presence.watch(session, Set.of(BOB, CLEO)).join();
    assertThat(subscribed).containsExactlyInAnyOrder(Topics.presence(BOB), Topics.presence(CLEO));
    presence.unwatchAll(session);
    settle();
    assertThat(subscribed).isEmpty();
  }

  @Test
  void sessionsThatRaceForAUserLeaveNoTopicBehind() throws Exception {
    CyclicBarrier barrier = new CyclicBarrier(2);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Session session = session(i);
      Thread thread =
          new Thread(
              () -> {
                for (int round = 0; round < 2_000; round++) {
                  try {
                    barrier.await(10, TimeUnit.SECONDS);
                  } catch (Exception fault) {
                    throw new AssertionError(fault);
                  }
                  var unused = presence.watch(session, Set.of(BOB));
                  presence.unwatchAll(session);
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    settle();
    assertThat(subscribed).isEmpty();
  }

  @Test
  void whoComesBackAndLeavesAgainHasTheWholeGraceFromThen() {
    Duration grace = Duration.ofSeconds(10);
    SessionRegistry users =
        new SessionRegistry(grace, user -> CompletableFuture.completedFuture(null));
    Session first = users.add(ADA, this::another).session();
    users.remove(first);
    long firstLeft = first.home().leftNanos();
    Session second = users.add(ADA, this::another).session();
    assertThat(second.home()).isSameAs(first.home());
    users.remove(second);
    assertThat(users.departed(firstLeft + grace.toNanos())).isEmpty();
    assertThat(users.departed(second.home().leftNanos() + grace.toNanos()))
        .containsExactly(second.home());
  }

  @Test
  void whoWatchesWhileTheSessionClosesIsForgotten() {
    Session session = session(1);
    session.close();
    presence.watch(session, Set.of(BOB)).join();
    settle();
    assertThat(subscribed).isEmpty();
  }

  private Session another(UserSessions home) {
    return new Session(context, 1, home, DeviceId.of("phone"), event -> {});
  }
}
