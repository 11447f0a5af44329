package chat.engine.internal.presence;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.UserId;
import chat.engine.hook.EngineTimings;
import chat.engine.internal.cluster.Envelope.PresenceHint;
import chat.engine.internal.cluster.Envelope.PresenceHint.Kind;
import chat.engine.internal.cluster.EnvelopeCodec;
import chat.engine.internal.cluster.EnvelopeHandler;
import chat.engine.internal.cluster.EnvelopeReceiver;
import chat.engine.internal.cluster.Publisher;
import chat.engine.internal.cluster.Topics;
import chat.engine.internal.runtime.Metrics;
import chat.engine.memory.InMemoryRouter;
import chat.engine.spi.Publication;
import chat.engine.spi.Router;
import chat.engine.spi.Topic;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PresenceHintsTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final UserId CLEO = UserId.of("cleo");

  private final Metrics metrics = new Metrics(EngineTimings.NONE, InstantSource.system());
  private final EnvelopeCodec codec = new EnvelopeCodec("epoch");
  private final List<Publication> published = Collections.synchronizedList(new ArrayList<>());
  private final Router router = recording(new InMemoryRouter.Network().join());
  private final Publisher publisher = new Publisher(router, codec, metrics);
  private final PresenceHints hints = new PresenceHints(publisher);

  private Router recording(Router real) {
    return (Router)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Router.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("publish")) {
                ((List<?>) arguments[0]).forEach(one -> published.add((Publication) one));
                return null;
              }
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException fault) {
                throw fault.getCause();
              }
            });
  }

  @AfterEach
  void close() {
    publisher.close();
    router.close();
  }

  private List<PresenceHint> published() {
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(publisher::isIdle);
    List<PresenceHint> received = new ArrayList<>();
    EnvelopeHandler handler =
        (EnvelopeHandler)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {EnvelopeHandler.class},
                (proxy, method, arguments) -> received.add((PresenceHint) arguments[0]));
    EnvelopeReceiver receiver = new EnvelopeReceiver(handler, codec, metrics);
    published.forEach(publication -> receiver.onEnvelope(publication.payload()));
    return received;
  }

  @Test
  void whatIsGatheredIsPublishedOnceByItsKind() {
    hints.gather(Kind.ARRIVED, ADA);
    hints.gather(Kind.LEFT, BOB);
    hints.gather(Kind.LEFT, CLEO);
    hints.flush();
    hints.flush();
    assertThat(published())
        .hasSize(2)
        .allMatch(hint -> hint.graceMillis() == 0)
        .anySatisfy(
            hint -> {
              assertThat(hint.kind()).isEqualTo(Kind.ARRIVED);
              assertThat(hint.users()).containsExactly(ADA);
            })
        .anySatisfy(
            hint -> {
              assertThat(hint.kind()).isEqualTo(Kind.LEFT);
              assertThat(hint.users()).containsExactlyInAnyOrder(BOB, CLEO);
            });
  }

  @Test
  void ofAUserWhoCameAndWentTheLastIsTold() {
    hints.gather(Kind.ARRIVED, ADA);
    hints.gather(Kind.LEFT, ADA);
    hints.flush();
    assertThat(published()).containsExactly(new PresenceHint(List.of(ADA), Kind.LEFT, 0));
  }

  @Test
  void manyAreSeveralPagesEachForThoseWhoWatchItsUsers() {
    List<UserId> users =
        IntStream.range(0, 2 * PresenceHints.PAGE + 1)
            .mapToObj(i -> UserId.of("user" + i))
            .toList();
    hints.publish(Kind.LOST, users, Duration.ofSeconds(10));
    List<PresenceHint> pages = published();
    assertThat(pages)
        .extracting(hint -> hint.users().size())
        .containsExactly(PresenceHints.PAGE, PresenceHints.PAGE, 1);
    assertThat(pages).extracting(PresenceHint::kind).containsOnly(Kind.LOST);
    assertThat(pages).extracting(PresenceHint::graceMillis).containsOnly(10_000L);
    Set<UserId> told = new HashSet<>();
    for (int i = 0; i < pages.size(); i++) {
      told.addAll(pages.get(i).users());
      List<Topic> topics = pages.get(i).users().stream().map(Topics::presence).toList();
      assertThat(published.get(i).topics()).containsExactlyElementsOf(topics);
    }
    assertThat(told).containsExactlyInAnyOrderElementsOf(users);
  }

  @Test
  void thereIsNoEmptyPage() {
    hints.publish(Kind.LEFT, List.of(), Duration.ZERO);
    assertThat(published()).isEmpty();
  }

  @Test
  void thereIsABoundOnWhatIsGathered() {
    for (int i = 0; i < PresenceHints.MOST; i++) {
      hints.gather(Kind.ARRIVED, UserId.of("user" + i));
    }
    hints.gather(Kind.ARRIVED, ADA);
    hints.gather(Kind.LEFT, UserId.of("user7")); // who waits already may
    hints.flush();
    List<PresenceHint> pages = published();
    assertThat(pages.stream().mapToInt(hint -> hint.users().size()).sum())
        .isEqualTo(PresenceHints.MOST);
    assertThat(pages).contains(new PresenceHint(List.of(UserId.of("user7")), Kind.LEFT, 0));
    assertThat(pages).noneMatch(hint -> hint.users().contains(ADA));
  }
}
