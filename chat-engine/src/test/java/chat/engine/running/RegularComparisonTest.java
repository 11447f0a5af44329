package chat.engine.running;

import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.memory.InMemoryRouter;
import chat.engine.spi.MachineIdLeaseSource;
import chat.engine.spi.MessageStore;
import chat.engine.spi.Router;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class RegularComparisonTest {
  private final AtomicReference<Instant> clock = new AtomicReference<>(Instant.now());
  private final InMemoryMessageStore store = new InMemoryMessageStore();
  private final Router router = new InMemoryRouter.Network().join();

  /** How often the store was asked what was written. */
  private final AtomicInteger sweeps = new AtomicInteger();

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
              if (method.getName().equals("writesSince")) {
                sweeps.incrementAndGet();
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
                return !routerAway;
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

  private void sweepsGoOn() {
    int before = sweeps.get();
    await().until(() -> sweeps.get() >= before + 2);
  }

  @Test
  void theStoreIsComparedWhileTheRouterIsAwayAndWhileItWorks() {
    sweepsGoOn();
    routerAway = true;
    sweepsGoOn();
  }

  @Test
  void aClockThatIsSetBackDoesNotStopTheSweeps() {
    clock.updateAndGet(now -> now.minus(Duration.ofHours(1)));
    sweepsGoOn();
  }
}
