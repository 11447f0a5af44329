package chat.engine.internal.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.MessageId;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.memory.InMemoryRouter;
import chat.engine.sonyflake.Sonyflake;
import chat.engine.spi.MachineIdLeaseSource;
import chat.engine.spi.MessageStore;
import chat.engine.spi.Router;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class RepairerTest {
  private final AtomicReference<Instant> clock = new AtomicReference<>(Instant.now());
  private final InMemoryMessageStore store = new InMemoryMessageStore();
  private final Router router = new InMemoryRouter.Network().join();

  /** Since when each sweep asked the store for messages. */
  private final List<Instant> sweeps = new CopyOnWriteArrayList<>();

  private final AtomicInteger looksAtRouter = new AtomicInteger();
  private volatile boolean routerAway;
  private final ChatEngine engine =
      ChatEngine.builder()
          .store(watchedStore())
          .router(routerThatMayBeAway())
          .clock(clock::get)
          .build();

  private MessageStore watchedStore() {
    return (MessageStore)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {MessageStore.class, MachineIdLeaseSource.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("committedSince")) {
                sweeps.add(Sonyflake.instant(((MessageId) arguments[0]).value()));
              }
              return invoke(method, store, arguments);
            });
  }

  private Router routerThatMayBeAway() {
    return (Router)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Router.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("healthy")) {
                boolean healthy = !routerAway;
                looksAtRouter.incrementAndGet();
                return healthy;
              }
              return invoke(method, router, arguments);
            });
  }

  private static Object invoke(Method method, Object on, Object[] arguments) throws Throwable {
    try {
      return method.invoke(on, arguments);
    } catch (InvocationTargetException fault) {
      throw fault.getCause();
    }
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private void routerComesBackAndIsSeen() {
    routerAway = false;
    int before = looksAtRouter.get();
    await().until(() -> looksAtRouter.get() >= before + 2);
  }

  @Test
  void aSecondOutageOfTheRouterIsSweptFromItsOwnBeginning() {
    routerAway = true;
    await().until(() -> !sweeps.isEmpty());
    routerComesBackAndIsSeen();
    sweeps.clear();
    Instant second = clock.updateAndGet(now -> now.plus(Duration.ofHours(1)));
    routerAway = true;
    await().until(() -> !sweeps.isEmpty());
    assertThat(sweeps.get(0))
        .isAfterOrEqualTo(second.minus(StoreComparison.MARGIN).minus(Duration.ofMillis(50)));
  }

  @Test
  void aClockThatIsSetBackDoesNotStopTheSweeps() {
    routerAway = true;
    await().until(() -> !sweeps.isEmpty());
    clock.updateAndGet(now -> now.minus(Duration.ofHours(1)));
    int before = sweeps.size();
    await().until(() -> sweeps.size() >= before + 2);
  }
}
