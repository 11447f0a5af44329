package chat.engine.running;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.UserId;
import chat.engine.hook.EngineTimings;
import chat.engine.internal.cluster.Envelope;
import chat.engine.internal.cluster.EnvelopeCodec;
import chat.engine.internal.cluster.EnvelopeHandler;
import chat.engine.internal.cluster.EnvelopeReceiver;
import chat.engine.internal.cluster.Topics;
import chat.engine.internal.runtime.Metrics;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.memory.InMemoryRouter;
import chat.engine.spi.Publication;
import chat.engine.spi.Router;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The node that a router tells of a death speaks for the users of the dead one. */
@Timeout(60)
final class DeadNodesUsersTest {
  private static final UserId BOB = UserId.of("bob");
  private static final Duration GRACE = Duration.ofSeconds(27);

  private final InMemoryMessageStore store = new InMemoryMessageStore();
  private final CompletableFuture<Router.Receiver> receiver = new CompletableFuture<>();
  private final List<Envelope.PresenceHint> hints = new CopyOnWriteArrayList<>();

  /** What another node makes of what is published. */
  private final EnvelopeReceiver other =
      new EnvelopeReceiver(
          (EnvelopeHandler)
              Proxy.newProxyInstance(
                  getClass().getClassLoader(),
                  new Class<?>[] {EnvelopeHandler.class},
                  (proxy, method, arguments) -> {
                    if (method.getName().equals("presence")) {
                      hints.add((Envelope.PresenceHint) arguments[0]);
                    }
                    return null;
                  }),
          new EnvelopeCodec(store.epoch()),
          new Metrics(EngineTimings.NONE, InstantSource.system()));

  private Router router() {
    InMemoryRouter real = new InMemoryRouter.Network().join();
    return (Router)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Router.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("start")) {
                receiver.complete((Router.Receiver) arguments[1]);
              } else if (method.getName().equals("publish")) {
                ((List<?>) arguments[0])
                    .forEach(one -> other.onEnvelope(((Publication) one).payload()));
              }
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException fault) {
                throw Objects.requireNonNull(fault.getCause());
              }
            });
  }

  @Test
  void theyHaveTheGraceToComeBackOnEveryNode() {
    ChatEngine engine =
        ChatEngine.builder().store(store).router(router()).presenceGrace(GRACE).build();
    try (engine) {
      receiver.join().onNodeDied("dead", Set.of(Topics.user(BOB)));
      await().until(() -> !hints.isEmpty());
      assertThat(hints)
          .containsExactly(
              new Envelope.PresenceHint(
                  List.of(BOB), Envelope.PresenceHint.Kind.LOST, GRACE.toMillis()));
    }
  }
}
