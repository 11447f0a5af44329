package chat.engine.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.link.FaultLog;
import chat.engine.redis.link.Command;
import chat.engine.redis.link.RedisFailure;
import chat.engine.redis.link.RedisLink;
import chat.engine.spi.Topic;
import chat.engine.testing.Logged;
import chat.engine.testing.router.Recorder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Protocol;

/** Two nodes on one Redis, whose ticks come when the test says so. */
final class MembershipTest {
  private static final Topic BOB = new Topic("user:bob");
  private static final Topic ANN = new Topic("user:ann");

  private final RedisKeys keys = new RedisKeys("chat", "c");
  private final FakeRedis redis = new FakeRedis();
  private final Logged logged = Logged.below("chat.engine.redis");
  private final Node node = new Node("node");
  private final Node other = new Node("other");

  private final class Node {
    final String name;
    final Recorder recorder = new Recorder();
    final AtomicInteger wakes = new AtomicInteger();
    final List<String> died = new ArrayList<>();
    final RoutingTable table = new RoutingTable(redis, keys, new AtomicLong());
    final OwnTopics topics = new OwnTopics(table);
    final Neighbours neighbours;
    final Membership membership;
    int lives;
    Incarnation incarnation;

    Node(String name) {
      this.name = name;
      neighbours =
          new Neighbours(
              table,
              name,
              redis::nanoTime,
              (id, had) -> {
                died.add(id);
                recorder.onNodeDied(id, had);
              });
      membership =
          new Membership(
              redis,
              table,
              topics,
              neighbours,
              recorder,
              new FaultLog(LoggerFactory.getLogger(RedisRouter.class), "Redis", redis::nanoTime),
              name,
              redis::nanoTime);
      membership.onNeedOfTick(wakes::incrementAndGet);
      connect();
    }

    /** What the subscriber does. */
    void connect() {
      if (incarnation != null) {
        membership.ended(incarnation);
      }
      if (incarnation == null || incarnation.isUsed()) {
        lives++;
      }
      incarnation = new Incarnation(name + "." + lives, redis::nanoTime);
      redis.subscribe(keys, incarnation, membership);
    }

    String id() {
      return incarnation.id();
    }

    boolean tick() {
      return membership.tick();
    }

    boolean isListening() {
      Command probe = redis.publication(keys.channel(id()), Frames.PROBE);
      return redis.call(List.of(probe)).number(0) > 0;
    }

    boolean isInTable(Topic topic) {
      return redis.set(keys.topic(topic)).contains(id());
    }
  }

  @BeforeEach
  void start() {
    assertThat(node.tick()).isTrue();
    assertThat(other.tick()).isTrue();
    assertThat(node.tick()).isTrue();
    node.membership.subscribe(List.of(BOB));
    other.membership.subscribe(List.of(ANN));
    node.recorder.doubts.set(0);
    other.recorder.doubts.set(0);
  }

  @AfterEach
  void close() {
    logged.close();
  }

  private void everybodyTicks(int times) {
    for (int i = 0; i < times; i++) {
      redis.advance(1_000);
      node.tick();
      other.tick();
    }
  }

  @Test
  void aNodeIsInTheTableWithItsLeaseAndItsTopics() {
    assertThat(redis.set(keys.nodes())).containsExactlyInAnyOrder("node.1", "other.1");
    assertThat(redis.value(keys.lease("node.1"))).isEqualTo("ready");
    assertThat(redis.set(keys.topicsOf("node.1"))).containsExactly("user:bob");
    assertThat(node.isInTable(BOB)).isTrue();
    assertThat(node.membership.isHealthy()).isTrue();
    assertThat(node.membership.readyId()).isEqualTo("node.1");
    everybodyTicks(20);
    assertThat(redis.value(keys.lease("node.1"))).isEqualTo("ready");
    assertThat(node.recorder.doubts).hasValue(0);
    assertThat(logged.warnings()).isEmpty();
  }

  @Test
  void theLeaseEndsFiveSecondsAfterTheLastTick() {
    redis.advance(4_900);
    assertThat(redis.value(keys.lease("node.1"))).isNotNull();
    redis.advance(200);
    assertThat(redis.value(keys.lease("node.1"))).isNull();
  }

  @Test
  void whatIsSubscribedBeforeTheNodeIsReadyIsWrittenThenAndFollowedByDoubt()
      throws InterruptedException {
    Node late = new Node("late");
    late.membership.subscribe(List.of(BOB));
    assertThat(late.isInTable(BOB)).isFalse();
    assertThat(late.membership.isHealthy()).isFalse();
    assertThat(late.membership.readyId()).isNull();
    assertThat(late.membership.awaitReady(Duration.ZERO)).isFalse();
    assertThat(late.tick()).isTrue();
    assertThat(late.membership.awaitReady(Duration.ZERO)).isTrue();
    assertThat(late.isInTable(BOB)).isTrue();
    assertThat(late.recorder.doubts).hasValue(1);
    assertThat(late.membership.isHealthy()).isTrue();
  }

  @Test
  void aNodeIsNotReadyWhileItsTopicsAreRefusedAndAsksTheOthersThen() {
    Node late = new Node("late");
    late.membership.subscribe(List.of(BOB));
    redis.refusal =
        command -> command.key().equals(keys.topic(BOB)) ? FakeRedis.refused("OOM no room") : null;
    assertThat(late.tick()).isFalse();
    assertThat(late.membership.isHealthy()).isFalse();
    assertThat(redis.value(keys.lease("late.1"))).isEqualTo("joining");
    assertThat(logged.lines("OOM")).hasSize(1);
    int before = other.wakes.get();
    redis.refusal = command -> null;
    assertThat(late.tick()).isTrue();
    assertThat(other.wakes.get()).isGreaterThan(before);
    assertThat(late.isInTable(BOB)).isTrue();
  }

  @Test
  void aSubscriptionThatDoesNotReachRedisIsWrittenLaterAndBothSidesAreInDoubt() {
    int before = node.wakes.get();
    redis.broken = RedisFailure.unreachable("Read timed out");
    node.membership.subscribe(List.of(ANN));
    assertThat(node.membership.isHealthy()).isFalse();
    assertThat(node.wakes.get()).isEqualTo(before + 1);
    redis.broken = null;
    int asked = other.wakes.get();
    assertThat(node.tick()).isTrue();
    assertThat(node.isInTable(ANN)).isTrue();
    assertThat(node.recorder.doubts).hasValue(1);
    assertThat(other.wakes.get()).isGreaterThan(asked);
  }

  @Test
  void aRefusedSubscriptionIsWrittenLaterAndBothSidesAreInDoubt() {
    Topic late = new Topic("user:late");
    redis.refusal =
        command ->
            command.verb() == Protocol.Command.SADD || command.verb() == Protocol.Command.SET
                ? FakeRedis.refused("OOM command not allowed")
                : null;
    node.membership.subscribe(List.of(late));
    assertThat(node.membership.isHealthy()).isFalse();
    redis.advance(1_000);
    assertThat(node.tick()).isFalse();
    assertThat(node.recorder.doubts).hasValue(0);
    assertThat(node.isInTable(BOB)).isTrue();
    redis.refusal = command -> null;
    redis.advance(1_000);
    assertThat(node.tick()).isTrue();
    assertThat(node.isInTable(late)).isTrue();
    assertThat(node.recorder.doubts).hasValue(1);
    int asked = other.wakes.get();
    assertThat(asked).isPositive();
    node.tick();
    assertThat(other.wakes.get()).as("the others are asked once").isEqualTo(asked);
    other.tick();
    assertThat(other.recorder.doubts).hasValue(1);
    assertThat(node.membership.isHealthy()).isTrue();
    assertThat(node.id()).isEqualTo("node.1");
    assertThat(logged.lines("OOM")).hasSize(1);
    assertThat(logged.lines("works again")).hasSize(1);
  }

  @Test
  void aRefusedUnsubscriptionIsRepeated() {
    redis.refusal =
        command -> command.verb() == Protocol.Command.SREM ? FakeRedis.refused("NOPERM no") : null;
    node.membership.unsubscribe(List.of(BOB));
    assertThat(node.isInTable(BOB)).isTrue();
    assertThat(node.membership.isHealthy()).isFalse();
    assertThat(logged.lines("NOPERM")).hasSize(1);
    redis.refusal = command -> null;
    assertThat(node.tick()).isTrue();
    assertThat(node.isInTable(BOB)).isFalse();
    other.tick();
    assertThat(other.recorder.doubts).hasValue(1);
  }

  @Test
  void aRefusedUnsubscriptionIsNotForgottenWhenTheNodeJoinsAgainUnderTheSameName() {
    redis.refusal =
        command -> command.verb() == Protocol.Command.SREM ? FakeRedis.refused("NOPERM no") : null;
    node.membership.unsubscribe(List.of(BOB));
    redis.refusal = command -> null;
    redis.delete(keys.lease("node.1"));
    assertThat(node.isInTable(BOB)).isTrue();
    node.tick();
    assertThat(node.id()).isEqualTo("node.1");
    assertThat(node.isInTable(BOB)).isFalse();
  }

  @Test
  void aChangeOfMindWhileRedisRefusesEndsWithWhatIsWanted() {
    redis.refusal = command -> FakeRedis.refused("BUSY script");
    node.membership.unsubscribe(List.of(BOB));
    node.membership.subscribe(List.of(BOB));
    redis.refusal = command -> null;
    node.tick();
    assertThat(node.isInTable(BOB)).isTrue();
  }

  @Test
  void aFlushedTableIsWrittenAgainUnderTheSameName() {
    redis.flush();
    node.tick();
    assertThat(node.id()).isEqualTo("node.1");
    assertThat(node.isInTable(BOB)).isTrue();
    assertThat(redis.value(keys.lease("node.1"))).isEqualTo("ready");
    assertThat(redis.value(keys.settling())).isNotNull();
    assertThat(node.recorder.doubts.get()).isPositive();
    assertThat(other.wakes.get()).isPositive();
    other.tick();
    assertThat(other.isInTable(ANN)).isTrue();
    assertThat(redis.set(keys.nodes())).containsExactlyInAnyOrder("node.1", "other.1");
    assertThat(logged.lines("lost this node's entry")).hasSize(2);
  }

  @Test
  void afterAFlushTheTableIsNotBelievedUntilAllHadTimeToComeBack() {
    assertThat(node.table.view(Set.of(), "node.1").isComplete()).isFalse();
    everybodyTicks(3);
    assertThat(node.table.view(Set.of(), "node.1").isComplete()).isFalse();
    everybodyTicks(1);
    assertThat(node.table.view(Set.of(), "node.1").isComplete()).isTrue();
    assertThat(node.table.view(Set.of(), "nobody").isComplete()).isFalse();
    redis.delete(keys.table());
    assertThat(node.table.view(Set.of(), "node.1").isComplete()).isFalse();
    node.tick();
    assertThat(node.table.view(Set.of(), "node.1").isComplete()).isFalse();
    assertThat(redis.value(keys.table())).isNotNull();
  }

  @Test
  void aNodeThatIsMissingUnderOneOfTwentyThousandTopicsIsBackWithinSixTicks() {
    List<Topic> many = IntStream.range(0, 20_000).mapToObj(i -> new Topic("user:u" + i)).toList();
    node.membership.subscribe(many);
    for (int user : List.of(0, 3_333, 7_777, 15_000, 19_999)) {
      redis.put(keys.topic(many.get(user)), Set.of("somebody else"));
      everybodyTicks(6);
      assertThat(node.isInTable(many.get(user))).isTrue();
    }
  }

  @Test
  void aLostTopicIsFoundWithinSixTicksAndAskedForEverywhere() {
    redis.delete(keys.topic(BOB));
    everybodyTicks(6);
    assertThat(node.isInTable(BOB)).isTrue();
    assertThat(node.recorder.doubts.get()).isPositive();
    assertThat(other.recorder.doubts.get()).isPositive();
    assertThat(logged.lines("lost subscriptions")).hasSize(1);
  }

  @Test
  void aNodeThatIsAskedChecksEachOfItsTopicsAtMostEveryThreeSeconds() {
    redis.put(keys.topic(ANN), Set.of("somebody else"));
    int before = other.wakes.get();
    other.membership.received(other.incarnation, Frames.CHECK);
    assertThat(other.wakes.get()).isEqualTo(before + 1);
    other.tick();
    assertThat(other.isInTable(ANN)).isTrue();
    other.recorder.doubts.set(0);
    other.membership.received(other.incarnation, Frames.CHECK);
    other.tick();
    assertThat(other.recorder.doubts).hasValue(0);
    everybodyTicks(2);
    assertThat(other.recorder.doubts).hasValue(0);
    everybodyTicks(1);
    assertThat(other.recorder.doubts).hasValue(1);
    everybodyTicks(4);
    assertThat(other.recorder.doubts).as("it was asked twice").hasValue(1);
  }

  @Test
  void aNodeThatIsAskedLooksAtAllItsTopicsAtOnceAndWritesAllIfOneIsMissing() {
    List<Topic> many = IntStream.range(0, 3_000).mapToObj(i -> new Topic("t" + i)).toList();
    node.membership.subscribe(many);
    redis.put(keys.topic(many.get(1_234)), Set.of("somebody else"));
    node.membership.received(node.incarnation, Frames.CHECK);
    node.tick();
    assertThat(node.isInTable(many.get(1_234))).isTrue();

    many.forEach(topic -> redis.put(keys.topic(topic), Set.of("somebody else")));
    everybodyTicks(2); // looks at 50 each time
    assertThat(many).allMatch(node::isInTable);
  }

  @Test
  void keysOfAnotherTypeThatACallFoundAreLookedAtByAllNodes() {
    redis.put(keys.topic(BOB), Set.of("somebody else"));
    int wakes = node.wakes.get();
    int asked = other.wakes.get();
    node.membership.foundWrongType(List.of(BOB));
    assertThat(node.wakes.get()).isEqualTo(wakes + 1);
    assertThat(logged.lines("were deleted: the topics [user:bob]")).hasSize(1);
    node.tick();
    assertThat(node.isInTable(BOB)).isTrue();
    assertThat(node.recorder.doubts).hasValue(1);
    assertThat(other.wakes.get()).isGreaterThan(asked);
  }

  @Test
  void silenceEndsTheIncarnation() {
    redis.advance(Membership.SILENCE.toMillis() - 1);
    assertThat(node.membership.isHealthy()).isTrue();
    redis.advance(1);
    assertThat(node.membership.isHealthy()).isFalse();
    assertThat(node.tick()).isFalse();
    assertThat(node.incarnation.isCut()).isTrue();
    assertThat(node.isListening()).isFalse();
    assertThat(redis.left).isEqualTo(1);
    int wakes = node.wakes.get();
    node.connect();
    assertThat(node.wakes.get()).isEqualTo(wakes + 1);
    node.tick();
    assertThat(node.id()).isEqualTo("node.2");
    assertThat(node.isInTable(BOB)).isTrue();
    assertThat(node.recorder.doubts.get()).isPositive();
    node.tick();
    assertThat(redis.set(keys.topic(BOB))).containsExactly("node.2");
    assertThat(redis.set(keys.nodes())).doesNotContain("node.1");
  }

  @Test
  void aConnectionThatIsMadeAfterTheEndIsBrokenAtOnce() {
    Incarnation late = new Incarnation("late.1", redis::nanoTime);
    late.cut();
    AtomicInteger cuts = new AtomicInteger();
    late.attach(
        new RedisLink.Subscription() {
          @Override
          public void run() {}

          @Override
          public void cut() {
            cuts.incrementAndGet();
          }
        });
    assertThat(cuts).hasValue(1);
  }

  @Test
  void aNodeThatJoinsAgainWasReadyBefore() {
    assertThat(node.incarnation.wasReady()).isTrue();
    node.incarnation.joining();
    assertThat(node.incarnation.isReady()).isFalse();
    assertThat(node.incarnation.wasReady()).isTrue();
    assertThat(new Incarnation("new.1", redis::nanoTime).wasReady()).isFalse();
  }

  @Test
  void anIncarnationThatEndedIsNotTheNodeAnyMoreButTheNextOneIs() {
    Incarnation first = node.incarnation;
    node.membership.ended(first);
    assertThat(first.hasEnded()).isTrue();
    assertThat(node.membership.readyId()).isNull();
    assertThat(node.tick()).isFalse();
    node.connect();
    node.membership.ended(first); // late
    assertThat(node.tick()).isTrue();
    assertThat(node.membership.readyId()).isEqualTo("node.2");
  }

  @Test
  void aProbeThatReachesNobodyEndsTheIncarnation() {
    redis.dropSubscriptions();
    assertThat(node.tick()).isFalse();
    assertThat(node.incarnation.isCut()).isTrue();
  }

  @Test
  void aMasterThatMovedEndsTheIncarnation() {
    redis.moved = true;
    for (int i = 0; i < 3; i++) {
      boolean whole = node.tick();
      assertThat(whole).isEqualTo(!node.incarnation.isCut());
    }
    assertThat(node.incarnation.isCut()).isTrue();
  }

  @Test
  void aServerThatDoesNotTakeWritesIsLeftWithoutUsingUpNames() {
    redis.refusal =
        command ->
            command.verb() == Protocol.Command.SADD || command.verb() == Protocol.Command.PEXPIRE
                ? FakeRedis.refused("READONLY You can't write against a read only replica.")
                : null;
    for (int i = 0; i < 5; i++) {
      assertThat(node.membership.keepUp()).isFalse();
      assertThat(node.incarnation.isCut()).isTrue();
      node.connect();
    }
    assertThat(node.id()).isEqualTo("node.2");
    assertThat(logged.lines("READONLY")).hasSize(1);
    redis.refusal = command -> null;
    node.tick();
    assertThat(node.isInTable(BOB)).isTrue();
    assertThat(logged.lines("works again")).hasSize(1);
  }

  @Test
  void aNameThatMayHaveBeenWrittenIsNotUsedAgain() {
    node.connect();
    assertThat(node.id()).isEqualTo("node.2");
    redis.broken = RedisFailure.unreachable("Read timed out");
    assertThatThrownBy(node::tick).isInstanceOf(RedisFailure.class);
    redis.broken = null;
    node.connect();
    assertThat(node.id()).isEqualTo("node.3");
  }

  @Test
  void aNodeThatAnotherOneCleansUpAfterTakesANewName() {
    redis.delete(keys.lease("node.1"));
    redis.put(keys.claim("node.1"), "other");
    assertThat(node.tick()).isFalse();
    assertThat(node.incarnation.isCut()).isTrue();
    assertThat(logged.lines("took this one for dead")).hasSize(1);
    node.connect();
    assertThat(node.tick()).isTrue();
    assertThat(node.id()).isEqualTo("node.2");
    assertThat(node.isInTable(BOB)).isTrue();
    redis.put(keys.claim("new.1"), "other");
    Node unlucky = new Node("new");
    assertThat(unlucky.tick()).isFalse();
    assertThat(unlucky.incarnation.isCut()).isTrue();
  }

  @Test
  void aFrameThatCannotBeReadMeansDoubt() {
    node.membership.received(node.incarnation, new byte[] {9, 9});
    assertThat(node.recorder.doubts).hasValue(1);
    assertThat(logged.lines("could not be read")).hasSize(1);
    node.membership.received(node.incarnation, Frames.PROBE);
    assertThat(node.recorder.doubts).hasValue(1);
    node.membership.received(node.incarnation, Frames.pack(List.of(new byte[] {'h', 'i'})).get(0));
    assertThat(node.recorder.envelopes).containsExactly("hi");
  }

  @Test
  void aFailedCallWakesTheWatchdogOnce() {
    int before = node.wakes.get();
    node.membership.failed(RedisFailure.unreachable("gone"));
    assertThat(node.wakes.get()).isEqualTo(before + 1);
    node.membership.failed(RedisFailure.unreachable("gone"));
    assertThat(node.wakes.get()).isEqualTo(before + 1);
    assertThat(node.membership.isHealthy()).isFalse();
    assertThat(node.incarnation.isCut()).isFalse();
    node.tick();
    assertThat(node.membership.isHealthy()).isTrue();
  }

  @Test
  void aDeadNodeIsCleanedUpAfterALeaseAndAMomentByOne() {
    redis.advance(1_000);
    node.tick();
    Node third = new Node("third");
    third.tick();
    for (int i = 0; i < 5; i++) {
      redis.advance(1_000);
      node.tick();
      third.tick();
    }
    assertThat(node.died).isEmpty();
    assertThat(node.neighbours.isDead("other.1")).isFalse();
    for (int i = 0; i < 3; i++) {
      redis.advance(1_000);
      node.tick();
      third.tick();
    }
    List<String> died = new ArrayList<>(node.died);
    died.addAll(third.died);
    assertThat(died).containsExactly("other.1");
    assertThat(redis.set(keys.topic(ANN))).isEmpty();
    assertThat(redis.set(keys.nodes())).containsExactlyInAnyOrder("node.1", "third.1");
    assertThat(node.recorder.doubts.get()).isPositive();
    assertThat(third.recorder.doubts.get()).isPositive();
  }

  @Test
  void leavingRemovesEveryTrace() {
    node.membership.leaveCluster();
    node.membership.leaveCluster();
    assertThat(redis.set(keys.nodes())).containsExactly("other.1");
    assertThat(redis.set(keys.topic(BOB))).isEmpty();
    assertThat(redis.value(keys.lease("node.1"))).isNull();
    assertThat(redis.value(keys.topicsOf("node.1"))).isNull();
    assertThat(node.incarnation.isCut()).isTrue();
    other.tick();
    assertThat(other.recorder.doubts).hasValue(1);
    assertThat(other.died).isEmpty();
  }

  @Test
  void keysOfTheWrongTypeAreReplaced() {
    for (String key :
        List.of(
            keys.nodes(),
            keys.topic(BOB),
            keys.topicsOf("node.1"),
            keys.table(),
            keys.settling())) {
      redis.put(key, List.of("a list"));
      everybodyTicks(7);
    }
    redis.put(keys.lease("node.1"), Set.of("a set"));
    everybodyTicks(2);
    assertThat(redis.value(keys.lease("node.1"))).isEqualTo("ready");
    assertThat(redis.set(keys.nodes())).containsExactlyInAnyOrder("node.1", "other.1");
    assertThat(redis.set(keys.topicsOf("node.1"))).containsExactly("user:bob");
    assertThat(node.isInTable(BOB)).isTrue();
    assertThat(node.id()).isEqualTo("node.1");
  }
}
