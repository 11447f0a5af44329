package chat.engine.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.contract.RouterContract;
import chat.engine.spi.Publication;
import chat.engine.spi.Router;
import chat.engine.spi.Topic;
import chat.engine.testing.PrivateRedis;
import chat.engine.testing.TestRedis;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class RedisRouterTest extends RouterContract {
  private static final String CLUSTER = "c";
  private final String namespace = "test-" + UUID.randomUUID();

  @Override
  protected Router newNode() {
    return RedisRouter.open(TestRedis.sharedUri().toString(), namespace);
  }

  private static final class Recorder implements Router.Receiver {
    private final AtomicInteger doubts = new AtomicInteger();
    private final List<Set<Topic>> dead = new CopyOnWriteArrayList<>();
    private final List<byte[]> envelopes = new CopyOnWriteArrayList<>();

    @Override
    public void onEnvelope(byte[] payload) {
      envelopes.add(payload);
    }

    @Override
    public void onDoubt() {
      doubts.incrementAndGet();
    }

    @Override
    public void onNodeDied(String nodeId, Set<Topic> topics) {
      dead.add(topics);
    }
  }

  @Test
  void afterAFlushTheNodeComesBackWithAllItsTopicsAndIsInDoubt() throws Exception {
    try (PrivateRedis redis = TestRedis.startPrivate();
        RedisRouter one = RedisRouter.open(redis.uri().toString());
        RedisRouter two = RedisRouter.open(redis.uri().toString())) {
      Recorder recorder = new Recorder();
      one.start(CLUSTER, new Recorder());
      two.start(CLUSTER, recorder);
      two.subscribe(List.of(new Topic("a"), new Topic("b")));
      redis.flushAll();
      await().atMost(Duration.ofSeconds(10)).until(() -> recorder.doubts.get() > 0);
      await()
          .ignoreExceptions()
          .untilAsserted(
              () ->
                  assertThat(
                          one.subscribed(List.of(new Topic("a"), new Topic("b"), new Topic("c"))))
                      .containsExactlyInAnyOrder(new Topic("a"), new Topic("b")));
      one.publish(List.of(new Publication(List.of(new Topic("b")), new byte[] {1})));
      await().until(() -> recorder.envelopes.size() == 1);
    }
  }

  @Test
  void aNodeThatStartsWhileRedisIsDownIsInDoubtFromItsBeginning() throws Exception {
    try (PrivateRedis redis = TestRedis.startPrivate();
        RedisRouter router = RedisRouter.open(redis.uri().toString())) {
      redis.kill();
      Recorder recorder = new Recorder();
      router.start(CLUSTER, recorder);
      router.subscribe(List.of(new Topic("a")));
      redis.start();
      await().untilAsserted(() -> assertThat(recorder.doubts).hasValue(1));
      await().until(router::healthy);
    }
  }

  @Test
  void aNodeThatDiesIsForgottenAndExactlyOneSurvivorIsToldItsTopics() throws Exception {
    try (PrivateRedis redis = TestRedis.startPrivate();
        RedisRouter one = RedisRouter.open(redis.uri().toString());
        RedisRouter two = RedisRouter.open(redis.uri().toString())) {
      Recorder first = new Recorder();
      Recorder second = new Recorder();
      one.start(CLUSTER, first);
      two.start(CLUSTER, second);
      // A node of which only its traces are left, as after a crash. Its name comes last: from then
      // on the others may take it for dead at any moment.
      redis.ask("SADD", "chat:c:node-topics:ghost", "user:bob");
      redis.ask("SADD", "chat:c:topic:user:bob", "ghost");
      redis.ask("SADD", "chat:c:nodes", "ghost");
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> first.dead.size() + second.dead.size() == 1);
      Set<Topic> told = first.dead.isEmpty() ? second.dead.get(0) : first.dead.get(0);
      assertThat(told).containsExactly(new Topic("user:bob"));
      assertThat(one.subscribed(List.of(new Topic("user:bob")))).isEmpty();
      assertThat(redis.ask("EXISTS", "chat:c:topic:user:bob")).contains("0");
      assertThat(redis.ask("EXISTS", "chat:c:node-topics:ghost")).contains("0");
    }
  }

  @Test
  void aPublicationCostsTheNodesConcernedAndNotTheTopicsBehindThem() throws Exception {
    try (PrivateRedis redis = TestRedis.startPrivate();
        RedisRouter from = RedisRouter.open(redis.uri().toString());
        RedisRouter to = RedisRouter.open(redis.uri().toString())) {
      Recorder recorder = new Recorder();
      from.start(CLUSTER, new Recorder());
      to.start(CLUSTER, recorder);
      Topic group = new Topic("group:1");
      to.subscribe(List.of(group));
      long before = from.commandsSent();
      int sends = 200;
      for (int i = 0; i < sends; i++) {
        from.publish(List.of(new Publication(List.of(group), new byte[] {1})));
      }
      // One look-up and one PUBLISH to the other node each; and the heartbeat of a second or two.
      assertThat(from.commandsSent() - before).isBetween(2L * sends, 2L * sends + 50);
      await().until(() -> recorder.envelopes.size() == sends);
    }
  }
}
