package chat.engine.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.spi.Router;
import chat.engine.spi.RouterUnavailableException;
import chat.engine.spi.Topic;
import chat.engine.testing.Logged;
import chat.engine.testing.PrivateRedis;
import chat.engine.testing.TcpProxy;
import chat.engine.testing.TestRedis;
import chat.engine.testing.router.Recorder;
import chat.engine.testing.router.TwoRouterNodes;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a real Redis does to the nodes, and that they heal by themselves. */
@Tag("thorough")
@Timeout(120)
final class RedisFaultsTest extends TwoRouterNodes {
  private static final Duration HEALED = Duration.ofSeconds(10);

  private final PrivateRedis redis = TestRedis.startPrivate();
  private final TcpProxy link = TcpProxy.to(redis.port());
  private final Logged logged = Logged.below("chat.engine.redis");

  /** The node of ann. */
  private final RedisRouter one = RedisRouter.open(redis.uri().toString());

  /** The node of bob, whose link can be cut. */
  private final RedisRouter two = RedisRouter.open("redis://127.0.0.1:" + link.port());

  RedisFaultsTest() {
    super(HEALED);
  }

  @Override
  protected List<Router> nodes() {
    return List.of(one, two);
  }

  @BeforeEach
  void start() {
    startBoth();
    redis.ask("DEL", "chat:c:settling"); // nobody was there before
    awaitTruth();
  }

  @AfterEach
  void close() {
    one.close();
    two.close();
    link.close();
    redis.close();
    logged.close();
  }

  @Test
  void aFlushIsHealedUnderTheSameNamesAndNobodyIsSaidToBeAway() throws Exception {
    Set<String> names = Set.copyOf(logged.lines("linked to Redis as"));
    try (Truth truth = new Truth(one, BOB)) {
      int before = bob.doubts.get();
      redis.flushAll();
      awaitDoubtOf(bob, before);
      awaitTruth();
      assertThat(truth.lies).hasValue(0);
    }
    awaitDelivery(one, BOB, bob);
    awaitDelivery(two, ANN, ann);
    assertThat(logged.lines("linked to Redis as"))
        .allSatisfy(line -> assertThat(names).contains(line));
  }

  @Test
  void aRestartIsHealedAndNobodyIsSaidToBeAway() throws Exception {
    try (Truth truth = new Truth(one, BOB)) {
      int before = bob.doubts.get();
      redis.kill();
      soon().until(() -> !two.healthy());
      redis.start();
      awaitDoubtOf(bob, before);
      awaitTruth();
      assertThat(truth.lies).hasValue(0);
    }
    awaitDelivery(one, BOB, bob);
    awaitDelivery(two, ANN, ann);
    assertThat(logged.warnings()).hasSizeLessThanOrEqualTo(2);
  }

  @Test
  void aDeletedTopicIsWrittenAgainAndBothSidesAreInDoubt() {
    int annBefore = ann.doubts.get();
    int bobBefore = bob.doubts.get();
    assertThat(redis.ask("DEL", "chat:c:topic:user:bob")).isEqualTo("1");
    soon().until(() -> redis.ask("EXISTS", "chat:c:topic:user:bob").equals("1"));
    awaitDoubtOf(bob, bobBefore);
    awaitDoubtOf(ann, annBefore);
    awaitDelivery(one, BOB, bob);
    awaitTruth();
    assertThat(logged.lines("lost subscriptions")).hasSize(1);
  }

  @Test
  void aTopicOfSeveralNodesThatOneOfThemWroteAgainIsMissedByTheOthersToo() {
    Topic group = new Topic("group:1");
    one.subscribe(List.of(group));
    two.subscribe(List.of(group));
    redis.ask("DEL", "chat:c:topic:group:1");
    soon().until(() -> redis.ask("SCARD", "chat:c:topic:group:1").equals("2"));
  }

  @Test
  void aNodeThatIsMissingUnderATopicThatExistsIsWrittenAgainWithinSeconds() {
    String topic = "chat:c:topic:user:bob";
    String missing =
        "redis.call('SADD', KEYS[1], 'somebody else') redis.call('SREM', KEYS[1], ARGV[1])"
            + " return redis.call('SCARD', KEYS[1])";
    assertThat(redis.ask("EVAL", missing, "1", topic, redis.ask("SRANDMEMBER", topic)))
        .isEqualTo("1");
    soon().until(() -> redis.ask("SCARD", topic).equals("2"));
  }

  @Test
  void soItIsWhereTheNodeHasTwentyThousandTopics() {
    two.subscribe(IntStream.range(0, 20_000).mapToObj(i -> new Topic("user:u" + i)).toList());
    String id = redis.ask("SRANDMEMBER", "chat:c:topic:user:bob");
    String topic = "chat:c:topic:user:u7777";
    redis.ask("SADD", topic, "somebody else");
    redis.ask("SREM", topic, id);
    soon().until(() -> redis.ask("SISMEMBER", topic, id).equals("1"));
  }

  @Test
  void theListOfANodesTopicsIsWrittenAgain() {
    String id = logged.lines("linked to Redis as").get(0).split(" as ")[1];
    assertThat(redis.ask("DEL", "chat:c:node-topics:" + id)).isEqualTo("1");
    soon().until(() -> redis.ask("EXISTS", "chat:c:node-topics:" + id).equals("1"));
  }

  @Test
  void theListOfNodesIsWrittenAgain() {
    redis.ask("DEL", "chat:c:nodes");
    soon().until(() -> redis.ask("SCARD", "chat:c:nodes").equals("2"));
    awaitTruth();
    assertThat(ann.dead).isEmpty();
    assertThat(bob.dead).isEmpty();
  }

  @Test
  void aPausedRedisIsLeftAndFoundAgain() {
    int before = bob.doubts.get();
    redis.ask("CLIENT", "PAUSE", "4000");
    soon().until(() -> !two.healthy());
    awaitDoubtOf(bob, before);
    awaitTruth();
    awaitDelivery(one, BOB, bob);
  }

  @Test
  void outOfMemoryNobodyGoesAwayAndWhatWasRefusedIsWrittenWhenThereIsRoom() throws Exception {
    Topic late = new Topic("user:late");
    redis.ask("CONFIG", "SET", "maxmemory-policy", "noeviction");
    try (Truth truth = new Truth(one, BOB)) {
      redis.ask("CONFIG", "SET", "maxmemory", "1");
      two.subscribe(List.of(late));
      two.unsubscribe(List.of(NOBODY));
      assertThat(two.healthy()).isFalse();
      // longer than a lease, and time for many tries
      await().pollDelay(Duration.ofSeconds(8)).atMost(Duration.ofSeconds(9)).until(() -> true);
      assertThat(one.subscribed(List.of(BOB))).containsExactly(BOB);
      int before = bob.doubts.get();
      int annBefore = ann.doubts.get();
      redis.ask("CONFIG", "SET", "maxmemory", "0");
      awaitDoubtOf(bob, before);
      awaitDoubtOf(ann, annBefore);
      assertThat(one.subscribed(List.of(late, BOB))).containsExactlyInAnyOrder(late, BOB);
      assertThat(truth.lies).hasValue(0);
    }
    soon().until(two::healthy);
    awaitDelivery(one, late, bob);
    assertThat(logged.lines("OOM")).hasSize(1);
    assertThat(logged.lines("linked to Redis as")).hasSize(2);
    assertThat(logged.lines("works again")).hasSize(1);
  }

  @Test
  void anotherApplicationsKeysDoNotEndDelivery() {
    redis.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
    redis.ask("CONFIG", "SET", "maxmemory", "4mb");
    List<Topic> users = IntStream.range(0, 12).mapToObj(user -> new Topic("user:" + user)).toList();
    two.subscribe(users);
    for (int i = 0; i < 20_000; i++) {
      redis.ask("SET", "cache:" + i, "x".repeat(1_000));
    }
    await()
        .atMost(HEALED)
        .pollInterval(Duration.ofMillis(300))
        .ignoreException(RouterUnavailableException.class)
        .until(
            () -> {
              boolean allArrived = Set.copyOf(bob.envelopes).size() == users.size();
              bob.envelopes.clear();
              one.publish(users.stream().map(user -> to(user, user.name())).toList());
              return allArrived;
            });
    assertThat(logged.lines("linked to Redis as")).hasSizeLessThan(5);
  }

  @Test
  void aDemotedMasterIsLeftWithoutChurnAndTheAddressFollowed() {
    try (PrivateRedis next = TestRedis.startPrivate()) {
      int before = bob.doubts.get();
      one.close();
      redis.ask("REPLICAOF", "127.0.0.1", Integer.toString(next.port()));
      soon().until(() -> !two.healthy());
      // The address still leads to the demoted server: the node waits, and does not flap.
      await().pollDelay(Duration.ofSeconds(5)).atMost(Duration.ofSeconds(6)).until(() -> true);
      assertThat(logged.lines("READONLY")).hasSize(1);
      assertThat(logged.lines("linked to Redis as")).hasSize(2);
      assertThat(logged.warnings()).hasSizeLessThanOrEqualTo(3);

      link.leadTo(next.port());
      soon().until(two::healthy);
      awaitDoubtOf(bob, before);
      soon().until(() -> next.ask("SCARD", "chat:c:topic:user:bob").equals("1"));
      try (RedisRouter three = RedisRouter.open(next.uri().toString())) {
        three.start(CLUSTER, new Recorder());
        awaitDelivery(three, BOB, bob);
      }
      assertThat(logged.lines("works again")).hasSize(1);
    }
  }

  @Test
  void theSubscriptionFollowsTheConnectionsToAnotherServer() {
    try (PrivateRedis next = TestRedis.startPrivate()) {
      // Both servers work: nothing is refused. Only connections that are new go to the next one.
      link.leadTo(next.port());
      int before = bob.doubts.get();
      redis.ask("CLIENT", "KILL", "TYPE", "normal");
      soon().until(() -> next.ask("SCARD", "chat:c:topic:user:bob").equals("1"));
      awaitDoubtOf(bob, before);
      soon().until(two::healthy);
      soon().until(() -> redis.ask("PUBSUB", "CHANNELS", "chat:*").lines().count() == 1);
      try (RedisRouter three = RedisRouter.open(next.uri().toString())) {
        three.start(CLUSTER, new Recorder());
        awaitDelivery(three, BOB, bob);
      }
    }
  }

  @Test
  void lostRepliesAndRequestsEndTheIncarnationAndAreHealed() {
    int before = bob.doubts.get();
    link.swallowReplies();
    assertThatThrownBy(() -> two.publish(List.of(to(ANN, "lost"))))
        .isInstanceOf(RouterUnavailableException.class);
    two.subscribe(List.of(new Topic("user:meanwhile")));
    soon().until(() -> !two.healthy());
    link.heal();
    awaitDoubtOf(bob, before);
    awaitTruth();
    awaitDelivery(one, new Topic("user:meanwhile"), bob);

    int second = bob.doubts.get();
    link.swallowRequests();
    await().pollDelay(Duration.ofSeconds(4)).atMost(Duration.ofSeconds(5)).until(() -> true);
    link.heal();
    awaitDoubtOf(bob, second);
    awaitTruth();
  }

  @Test
  void keysOfTheWrongTypeAreReplacedAndSaid() {
    for (String key : List.of("chat:c:topic:user:bob", "chat:c:nodes")) {
      redis.ask("DEL", key);
      redis.ask("SET", key, "not a set");
    }
    String id = logged.lines("linked to Redis as").get(1).split(" as ")[1];
    redis.ask("DEL", "chat:c:node-topics:" + id);
    redis.ask("RPUSH", "chat:c:node-topics:" + id, "not a set");
    redis.ask("DEL", "chat:c:node:" + id);
    redis.ask("RPUSH", "chat:c:node:" + id, "not a string");
    soon().until(() -> redis.ask("TYPE", "chat:c:topic:user:bob").equals("set"));
    soon().until(() -> redis.ask("TYPE", "chat:c:nodes").equals("set"));
    soon().until(() -> redis.ask("TYPE", "chat:c:node-topics:" + id).equals("set"));
    soon().until(() -> redis.ask("TYPE", "chat:c:node:" + id).equals("string"));
    awaitTruth();
    awaitDelivery(one, BOB, bob);
    assertThat(logged.warnings()).isNotEmpty();
    assertThat(logged.warnings()).hasSizeLessThan(8);
  }

  @Test
  void aPublicationToATopicWhoseKeyHasTheWrongTypeFailsAndIsHealed() {
    redis.ask("DEL", "chat:c:topic:user:bob");
    redis.ask("SET", "chat:c:topic:user:bob", "not a set");
    assertThatThrownBy(() -> one.publish(List.of(to(BOB, "hello"))))
        .isInstanceOf(RouterUnavailableException.class)
        .hasMessageContaining("user:bob");
    awaitDelivery(one, BOB, bob);
    assertThat(logged.lines("WRONGTYPE").size() + logged.lines("another type").size()).isPositive();
  }

  @Test
  void aReplicaQuorumThatIsMissingTakesNobodyAway() throws Exception {
    try (Truth truth = new Truth(one, BOB)) {
      redis.ask("CONFIG", "SET", "min-replicas-to-write", "1");
      soon().until(() -> !two.healthy());
      await().pollDelay(Duration.ofSeconds(6)).atMost(Duration.ofSeconds(7)).until(() -> true);
      redis.ask("CONFIG", "SET", "min-replicas-to-write", "0");
      awaitTruth();
      assertThat(truth.lies).hasValue(0);
    }
    awaitDelivery(one, BOB, bob);
    assertThat(ann.dead).isEmpty();
    assertThat(bob.dead).isEmpty();
    assertThat(logged.lines("NOREPLICAS")).hasSizeBetween(1, 2);
  }

  @Test
  void aDeadNodeIsForgottenAndExactlyOneSurvivorIsToldItsTopics() {
    // A node of which only its traces are left, as after a crash. Its name comes last: from then
    // on the others may take it for dead at any moment.
    redis.ask("SADD", "chat:c:node-topics:ghost", "user:ghost");
    redis.ask("SADD", "chat:c:topic:user:ghost", "ghost");
    redis.ask("SADD", "chat:c:nodes", "ghost");
    soon().until(() -> ann.dead.size() + bob.dead.size() == 1);
    Set<Topic> told = ann.dead.isEmpty() ? bob.dead.get(0) : ann.dead.get(0);
    assertThat(told).containsExactly(new Topic("user:ghost"));
    assertThat(redis.ask("EXISTS", "chat:c:topic:user:ghost")).isEqualTo("0");
    assertThat(redis.ask("EXISTS", "chat:c:node-topics:ghost")).isEqualTo("0");
    assertThat(redis.ask("SCARD", "chat:c:nodes")).isEqualTo("2");
  }

  @Test
  void aNodeThatStartsWhileRedisIsDownIsInDoubtOnceItIsLinked() {
    redis.kill();
    Recorder recorder = new Recorder();
    try (RedisRouter late = RedisRouter.open(redis.uri().toString())) {
      late.start(CLUSTER, recorder);
      late.subscribe(List.of(new Topic("user:late")));
      assertThat(late.healthy()).isFalse();
      redis.start();
      soon().untilAsserted(() -> assertThat(recorder.doubts).hasValueGreaterThan(0));
      soon().until(late::healthy);
    }
  }
}
