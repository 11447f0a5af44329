package chat.engine.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.redis.link.Command;
import chat.engine.redis.link.RedisFailure;
import chat.engine.spi.Publication;
import chat.engine.spi.RouterUnavailableException;
import chat.engine.spi.Topic;
import chat.engine.testing.Logged;
import chat.engine.testing.router.Recorder;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.Protocol;

/** A router with its threads on a Redis that fails as the test wants. */
@Timeout(60)
final class RedisRouterUnitTest {
  private static final Topic ANN = new Topic("user:ann");
  private static final Topic BOB = new Topic("user:bob");
  private static final Topic ZOE = new Topic("user:zoe");

  private final RedisKeys keys = new RedisKeys("chat", "c");
  private final FakeRedis redis = new FakeRedis();
  private final Logged logged = Logged.below("chat.engine.redis");
  private final Recorder inbox = new Recorder();
  private final RedisRouter router = new RedisRouter(redis, "chat");

  @BeforeEach
  void start() {
    router.start("c", inbox);
    router.subscribe(List.of(ANN));
    assertThat(router.healthy()).isTrue();
    redis.delete(keys.settling());
  }

  @AfterEach
  void close() {
    router.close();
    logged.close();
  }

  /** Another node's entry; its lease never ends, since the clock of the fake stands still. */
  private void neighbour(String id, Topic topic) {
    redis.put(keys.lease(id), "ready");
    redis.call(List.of(Command.add(keys.topic(topic), List.of(id))));
    redis.call(List.of(Command.add(keys.nodes(), List.of(id))));
  }

  private static Publication to(Topic topic, int bytes) {
    return new Publication(List.of(topic), new byte[bytes]);
  }

  @Test
  void aPublicationIsOneLookUpAndOneFrameForEachNode() {
    neighbour("one", BOB);
    neighbour("two", BOB);
    redis.call(List.of(Command.add(keys.topic(ZOE), List.of("one"))));
    router.publish(
        List.of(to(BOB, 1), new Publication(List.of(BOB, ZOE, ANN), new byte[2]), to(ZOE, 3)));
    assertThat(frames("one")).hasSize(1);
    assertThat(Frames.unpack(frames("one").get(0)).stream().map(envelope -> envelope.length))
        .containsExactly(1, 2, 3);
    assertThat(Frames.unpack(frames("two").get(0)).stream().map(envelope -> envelope.length))
        .containsExactly(1, 2);
    assertThat(inbox.envelopes).isEmpty();
    long before = redis.countSent(Protocol.Command.PUBLISH);
    router.publish(List.of(to(new Topic("nobody"), 1)));
    assertThat(frames("one")).hasSize(1);
    assertThat(redis.countSent(Protocol.Command.PUBLISH) - before).isLessThan(3);
  }

  private List<byte[]> frames(String node) {
    synchronized (redis) {
      return redis.sent.stream()
          .filter(command -> command.key().equals(keys.channel(node)))
          .map(command -> (byte[]) command.arguments().get(0))
          .toList();
    }
  }

  @Test
  void aRefusedPublicationIsSaid() {
    neighbour("one", BOB);
    redis.refusal =
        command ->
            command.key().equals(keys.channel("one")) ? FakeRedis.refused("NOPERM channel") : null;
    assertThatThrownBy(() -> router.publish(List.of(to(BOB, 1))))
        .isInstanceOf(RouterUnavailableException.class)
        .hasMessageContaining("NOPERM channel");
    assertThat(logged.lines("NOPERM channel")).hasSize(1);
    redis.refusal =
        command ->
            command.verb() == Protocol.Command.SMEMBERS ? FakeRedis.refused("BUSY script") : null;
    assertThatThrownBy(() -> router.publish(List.of(to(BOB, 1))))
        .isInstanceOf(RouterUnavailableException.class)
        .hasMessageContaining("BUSY script");
  }

  @Test
  void whatIsKnownIsAnswered() {
    neighbour("one", BOB);
    await()
        .ignoreException(RouterUnavailableException.class)
        .untilAsserted(
            () ->
                assertThat(router.subscribed(List.of(ANN, BOB, ZOE)))
                    .containsExactlyInAnyOrder(ANN, BOB));
  }

  private void assertCannotTell(String why) {
    assertThatThrownBy(() -> router.subscribed(List.of(ZOE)))
        .isInstanceOf(RouterUnavailableException.class)
        .hasMessageContaining(why);
    assertThat(router.subscribed(List.of(ANN))).containsExactly(ANN);
  }

  @Test
  void whileTheTableSettlesNobodyIsSaidToBeAway() {
    neighbour("one", BOB);
    redis.put(keys.settling(), "1");
    redis.call(List.of(Command.expire(keys.settling(), 1_000)));
    assertCannotTell("writing it again");
    assertThat(router.subscribed(List.of(ANN, BOB))).containsExactlyInAnyOrder(ANN, BOB);
  }

  @Test
  void whileANodeWritesItsTopicsNobodyIsSaidToBeAway() {
    neighbour("one", BOB);
    redis.put(keys.lease("one"), "joining");
    await().untilAsserted(() -> assertCannotTell("writing its topics"));
    redis.put(keys.lease("one"), "ready");
    await()
        .ignoreException(RouterUnavailableException.class)
        .untilAsserted(() -> assertThat(router.subscribed(List.of(ZOE))).isEmpty());
  }

  @Test
  void aNodeWithoutALeaseIsNotDeadYet() {
    neighbour("one", ZOE);
    redis.delete(keys.lease("one"));
    assertCannotTell("may be alive: [one]");
  }

  @Test
  void aStrayNameUnderATopicIsIgnoredAfterAWhile() {
    redis.call(List.of(Command.add(keys.topic(ZOE), List.of("stray"))));
    assertCannotTell("may be alive: [stray]");
  }

  @Test
  void aKeyOfTheWrongTypeIsDeletedAndSaid() {
    redis.put(keys.topic(ZOE), "a text");
    assertCannotTell("another type");
    assertThat(redis.value(keys.topic(ZOE))).isNull();
    assertThat(logged.lines("another type")).hasSize(1);
  }

  @Test
  void aPublicationThatMeetsAKeyOfTheWrongTypeIsRepeated() {
    redis.put(keys.topic(ZOE), "a text");
    assertThatThrownBy(() -> router.publish(List.of(to(ZOE, 1))))
        .isInstanceOf(RouterUnavailableException.class)
        .hasMessageContaining("user:zoe");
    assertThat(logged.lines("another type")).hasSize(1);
  }

  @Test
  void aLinkThatIsDownIsSaid() {
    redis.broken = RedisFailure.unreachable("no route");
    assertThatThrownBy(() -> router.subscribed(List.of(BOB)))
        .isInstanceOf(RouterUnavailableException.class)
        .hasMessageContaining("no route");
    assertThat(router.healthy()).isFalse();
    assertThat(router.subscribed(List.of(ANN))).isEqualTo(Set.of(ANN));
    redis.broken = null;
    await().until(router::healthy);
  }

  @Test
  void aSubscriptionThatBreaksIsMadeAgainUnderANewName() {
    redis.breakSubscriptions();
    await().until(() -> redis.set(keys.topic(ANN)).contains(router.nodeId() + ".2"));
    await().untilAsserted(() -> assertThat(inbox.doubts).hasValueGreaterThan(0));
    await().until(router::healthy);
    await().until(() -> redis.set(keys.topic(ANN)).equals(Set.of(router.nodeId() + ".2")));
  }

  @Test
  void aRouterIsStartedOnceAndNotUsedBefore() {
    assertThatThrownBy(() -> router.start("c", inbox)).isInstanceOf(IllegalStateException.class);
    RedisRouter idle = new RedisRouter(redis, "chat");
    assertThat(idle.healthy()).isFalse();
    assertThatThrownBy(() -> idle.subscribe(List.of(ANN)))
        .isInstanceOf(IllegalStateException.class);
    idle.close();
    long before = router.commandsSent();
    router.unsubscribe(List.of(ANN));
    assertThat(router.commandsSent()).isGreaterThan(before);
  }

  @Test
  void closingRemovesTheNode() {
    router.close();
    router.close();
    assertThat(redis.closed).isTrue();
    assertThat(redis.set(keys.nodes())).isEmpty();
    assertThat(redis.set(keys.topic(ANN))).isEmpty();
    assertThat(logged.warnings()).isEmpty();
  }

  @Test
  void aSubscriptionThatIsMadeWhileTheRouterClosesEnds() throws Exception {
    BlockingQueue<Thread> subscribing = new LinkedBlockingQueue<>();
    CountDownLatch isClosed = new CountDownLatch(1);
    redis.beforeSubscribed =
        () -> {
          subscribing.add(Thread.currentThread());
          try {
            isClosed.await();
          } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
          }
        };
    redis.breakSubscriptions();
    Thread subscriber = subscribing.take();
    router.close();
    isClosed.countDown();
    subscriber.join(10_000);
    assertThat(subscriber.isAlive()).isFalse();
  }
}
