package chat.engine.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.redis.RoutingTable.Life;
import chat.engine.redis.link.RedisFailure;
import chat.engine.spi.Topic;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Protocol;

/** The table, and a node's topics in it, on a Redis that refuses what the test wants. */
final class RoutingTableTest {
  private static final Topic ANN = new Topic("user:ann");
  private static final Topic BOB = new Topic("user:bob");

  private final RedisKeys keys = new RedisKeys("chat", "c");
  private final FakeRedis redis = new FakeRedis();
  private final AtomicLong commands = new AtomicLong();
  private final RoutingTable table = new RoutingTable(redis, keys, commands);
  private final OwnTopics topics = new OwnTopics(table);
  private final Incarnation node = new Incarnation("n", redis::nanoTime);

  private void refuse(String key) {
    redis.refusal =
        command -> command.key().equals(key) ? FakeRedis.refused("NOPERM " + key) : null;
  }

  @Test
  void whatIsRefusedIsNamedAndTheRestIsWritten() {
    refuse(keys.topic(BOB));
    RoutingTable.Written written = table.write("n", List.of(ANN, BOB), List.of());
    assertThat(written.refused()).containsExactly(BOB);
    assertThat(written.why()).hasMessageContaining("NOPERM");
    assertThat(written.listLost()).isFalse();
    assertThat(redis.set(keys.topic(ANN))).containsExactly("n");
    refuse(keys.topicsOf("n"));
    assertThat(table.write("n", List.of(ANN, BOB), List.of()).refused())
        .containsExactlyInAnyOrder(ANN, BOB);
    assertThat(table.write("n", List.of(), List.of(ANN)).refused()).containsExactly(ANN);
    redis.refusal = command -> null;
    written = table.write("n", List.of(BOB), List.of(ANN));
    assertThat(written.refused()).isEmpty();
    assertThat(written.why()).isNull();
    assertThat(redis.set(keys.topicsOf("n"))).containsExactly("user:bob");
    assertThat(commands.get()).isEqualTo(redis.sent.size());
  }

  @Test
  void aListOfTheWrongTypeIsLostAndAllIsWrittenAgain() {
    topics.add(List.of(ANN, BOB));
    topics.writeOpen(node);
    redis.put(keys.topicsOf("n"), "a text");
    Topic more = new Topic("more");
    topics.add(List.of(more));
    assertThat(topics.writeOpen(node)).isNotNull();
    assertThat(topics.isRefused()).isTrue();
    assertThat(topics.writeOpen(node)).isNull();
    assertThat(topics.isRefused()).isFalse();
    assertThat(redis.set(keys.topicsOf("n")))
        .containsExactlyInAnyOrder("user:ann", "user:bob", "more");
  }

  @Test
  void oneCommandTellsWhetherTheNodeIsUnderAllTopicsAndInAClusterOneForEach() {
    List<Topic> many = topics(400);
    topics.add(many);
    topics.writeOpen(node);
    redis.put(keys.topic(many.get(3)), Set.of("n", "other"));
    int before = redis.sent.size();
    assertThat(table.hasAll("n", many)).isTrue();
    assertThat(redis.sent.size() - before).isEqualTo(2);
    assertThat(table.hasAll("n", List.of())).isTrue();
    redis.cluster = true;
    assertThat(table.hasAll("n", many)).isTrue();
    assertThat(redis.countSent(Protocol.Command.SISMEMBER)).isEqualTo(1 + 400 + 1);
  }

  @Test
  void aNodeThatIsMissingAnywhereIsNoticedAndSoIsWhatRedisRefusesToSay() {
    List<Topic> many = topics(400);
    topics.add(many);
    topics.writeOpen(node);
    for (boolean cluster : List.of(false, true)) {
      redis.cluster = cluster;
      redis.put(keys.topic(many.get(3)), Set.of("other"));
      assertThat(table.hasAll("n", many)).as("a set without the node").isFalse();
      redis.delete(keys.topic(many.get(3)));
      assertThat(table.hasAll("n", many)).as("no set").isFalse();
      redis.put(keys.topic(many.get(3)), "a text");
      assertThat(table.hasAll("n", many)).as("no set, but a text").isFalse();
      redis.put(keys.topic(many.get(3)), Set.of("n"));
      assertThat(table.hasAll("n", many)).isTrue();
    }
    redis.delete(keys.topicsOf("n"));
    assertThat(table.hasAll("n", many)).as("the list of its topics").isFalse();
    redis.put(keys.topicsOf("n"), Set.copyOf(many.stream().map(Topic::name).toList()));
    redis.cluster = false;
    redis.refusal =
        command ->
            command.verb() == Protocol.Command.SINTER ? FakeRedis.refused("NOPERM sinter") : null;
    assertThat(table.hasAll("n", many)).isFalse();
    assertThat(topics.check("n", 1)).as("asked one by one, nothing is missing").isZero();
  }

  private static List<Topic> topics(int count) {
    return IntStream.range(0, count).mapToObj(i -> new Topic("t" + i)).toList();
  }

  // ---- 20,000 topics

  /** Within the lease of 5 s and the 2 s in which presence has to be right, at a tick a second. */
  @Test
  void oneOfTwentyThousandTopicsThatLacksTheNodeIsFoundInSixTicksAtAFewCommandsEach() {
    List<Topic> many = topics(20_000);
    topics.add(many);
    topics.writeOpen(node);
    for (int place : List.of(0, 9_999, 19_999)) {
      redis.put(keys.topic(many.get(place)), Set.of("other"));
      int found = 0;
      for (int tick = 0; tick < 6; tick++) {
        int before = redis.sent.size();
        int now = topics.check("n", 6);
        found += now;
        assertThat(redis.sent.size() - before)
            .as("commands of a tick, and those that look closer")
            .isLessThanOrEqualTo(14 + (now > 0 ? 501 : 0));
      }
      assertThat(found).isEqualTo(1);
      assertThat(topics.writeOpen(node)).isNull();
    }
  }

  @Test
  void inAClusterATickCostsOneCommandForEachTopicThatItLooksAt() {
    redis.cluster = true;
    List<Topic> many = topics(20_000);
    topics.add(many);
    topics.writeOpen(node);
    redis.put(keys.topic(many.get(12_345)), Set.of("other"));
    int found = 0;
    for (int tick = 0; tick < 6; tick++) {
      int before = redis.sent.size();
      int now = topics.check("n", 6);
      found += now;
      assertThat(redis.sent.size() - before).isLessThanOrEqualTo(3_334 + 7 + (now > 0 ? 501 : 0));
    }
    assertThat(found).isEqualTo(1);
  }

  /** Users come and go all the time, so a round is never of the topics of this moment. */
  @Test
  void topicsThatAreNoLongerWantedMakeNobodyLookCloser() {
    List<Topic> many = topics(6_000);
    topics.add(many);
    topics.writeOpen(node);
    assertThat(topics.check("n", 6)).isZero(); // a round begins
    topics.remove(many.subList(1_500, 6_000));
    topics.writeOpen(node);
    int before = redis.sent.size();
    for (int tick = 1; tick < 6; tick++) {
      assertThat(topics.check("n", 6)).isZero();
    }
    assertThat(redis.sent.size() - before).isLessThanOrEqualTo(5 * 4);
  }

  @Test
  void missingMembersAreNamed() {
    topics.add(List.of(ANN, BOB));
    topics.writeOpen(node);
    assertThat(table.missing("n", List.of(ANN, BOB))).isEmpty();
    redis.put(keys.topic(ANN), Set.of("other"));
    assertThat(table.missing("n", List.of(ANN, BOB))).containsExactly(ANN);
    redis.put(keys.topic(ANN), "a text");
    assertThat(table.missing("n", List.of(ANN, BOB))).containsExactly(ANN);
    redis.delete(keys.topicsOf("n"));
    assertThat(table.missing("n", List.of(ANN, BOB))).containsExactlyInAnyOrder(ANN, BOB);
    assertThat(table.missing("n", List.of())).isEmpty();
    refuse(keys.topic(BOB));
    redis.put(keys.topicsOf("n"), Set.of("user:ann", "user:bob"));
    assertThatThrownBy(() -> table.missing("n", List.of(BOB))).isInstanceOf(RedisFailure.class);
  }

  @Test
  void thousandsOfTopicsAreWrittenInPagesAndEachIsCheckedInTurn() {
    List<Topic> many = IntStream.range(0, 2_500).mapToObj(i -> new Topic("t" + i)).toList();
    topics.add(many);
    assertThat(topics.isAllWritten()).isFalse();
    assertThat(topics.ifAllWritten(() -> {})).isFalse();
    assertThat(topics.writeOpen(node)).isNull();
    assertThat(topics.isAllWritten()).isTrue();
    assertThat(redis.set(keys.topicsOf("n"))).hasSize(2_500);
    redis.delete(keys.topic(many.get(2_499)));
    redis.put(keys.topic(many.get(1)), Set.of("other"));
    int found = 0;
    for (int i = 0; i < 5; i++) {
      found += topics.check("n", 5);
    }
    assertThat(found).isEqualTo(2);
    assertThat(topics.writeOpen(node)).isNull();
    assertThat(topics.check("n", 1)).isZero();
    assertThat(redis.set(keys.topic(many.get(1)))).containsExactlyInAnyOrder("other", "n");
  }

  @Test
  void afterAsManyCallsAsPartsAllTopicsHaveBeenLookedAt() {
    List<Topic> many = IntStream.range(0, 2_001).mapToObj(i -> new Topic("t" + i)).toList();
    topics.add(many);
    topics.writeOpen(node);
    many.forEach(topic -> redis.put(keys.topic(topic), Set.of("other")));
    assertThat(topics.check("n", 2)).isEqualTo(1_001);
    assertThat(topics.check("n", 2)).isEqualTo(1_000);
  }

  @Test
  void aTopicThatIsRefusedIsRememberedUntilItIsWritten() {
    topics.add(List.of(ANN, BOB));
    refuse(keys.topic(BOB));
    assertThat(topics.writeOpen(node)).hasMessageContaining("NOPERM");
    redis.refusal = command -> null;
    assertThat(topics.write(node, List.of(ANN))).isNull();
    assertThat(topics.isRefused()).as("the other one is still open").isTrue();
    assertThat(topics.writeOpen(node)).isNull();
    assertThat(topics.isRefused()).isFalse();
    Topic later = new Topic("later");
    topics.add(List.of(later));
    assertThat(topics.write(node, List.of(ANN))).isNull();
    assertThat(topics.isRefused()).as("open, but nobody refused it").isFalse();
  }

  @Test
  void aTopicThatWasNeverWantedCostsNothingToRemove() {
    topics.remove(List.of(BOB));
    assertThat(topics.isAllWritten()).isTrue();
    topics.writeOpen(node);
    assertThat(redis.sent).isEmpty();
  }

  @Test
  void theFirstWhoJoinsBeginsTheTableAndTheNextDoesNot() {
    table.join("n");
    assertThat(redis.value(keys.table())).isEqualTo("1");
    assertThat(redis.value(keys.settling())).isEqualTo("1");
    redis.advance(RoutingTable.SETTLING.toMillis());
    assertThat(redis.value(keys.settling())).isNull();
    table.join("m");
    assertThat(redis.value(keys.settling())).isNull();
  }

  @Test
  void anIncarnationThatEndedWritesNothing() {
    topics.add(List.of(ANN));
    node.end();
    assertThat(topics.writeOpen(node)).isNull();
    assertThat(redis.sent).isEmpty();
    assertThat(topics.isAllWritten()).isFalse();
    topics.remove(List.of(ANN, BOB));
    Incarnation next = new Incarnation("m", redis::nanoTime);
    topics.openAll();
    topics.writeOpen(next);
    assertThat(topics.isAllWritten()).isTrue();
    assertThat(topics.isWanted(ANN)).isFalse();
  }

  @Test
  void aClaimIsGivenOnceAndOnlyForTheDead() {
    assertThat(table.claim("dead", "one")).isTrue();
    assertThat(table.claim("dead", "two")).isFalse();
    redis.advance(31_000);
    assertThat(table.claim("dead", "two")).isTrue();
    redis.put(keys.lease("alive"), "ready");
    assertThat(table.claim("alive", "one")).isFalse();
    assertThat(redis.value(keys.claim("alive"))).isNull();
    redis.put(keys.claim("endless"), Set.of("a claim that never ends"));
    assertThat(table.claim("endless", "one")).isFalse();
    assertThat(table.claim("endless", "one")).isTrue();
  }

  @Test
  void theForgottenLeaveNothing() {
    table.join("n");
    table.ready("n");
    topics.add(List.of(ANN, BOB));
    topics.writeOpen(node);
    assertThat(table.forget("n")).containsExactlyInAnyOrder(ANN, BOB);
    assertThat(redis.set(keys.nodes())).isEmpty();
    assertThat(redis.value(keys.lease("n"))).isNull();
    assertThat(redis.value(keys.topicsOf("n"))).isNull();
    assertThat(redis.set(keys.topic(ANN))).isEmpty();
    redis.put(keys.topicsOf("n"), "a text");
    redis.put(keys.nodes(), "a text");
    assertThat(table.forget("n")).isEmpty();
    assertThat(redis.value(keys.topicsOf("n"))).isNull();
    assertThat(redis.value(keys.nodes())).isNull();
  }

  @Test
  void aNodeIsNotForgottenHalfway() {
    topics.add(List.of(ANN, BOB));
    topics.writeOpen(node);
    refuse(keys.topic(BOB));
    assertThatThrownBy(() -> table.forget("n")).isInstanceOf(RedisFailure.class);
    assertThat(redis.set(keys.topicsOf("n"))).isNotEmpty();
  }

  @Test
  void joiningIsSeenAndRefusalsAreThrown() {
    assertThat(table.join("n")).isTrue();
    assertThat(table.lives(List.of("n", "m"))).isEqualTo(Map.of("n", Life.JOINING, "m", Life.NONE));
    table.ready("n");
    assertThat(table.lives(List.of("n"))).isEqualTo(Map.of("n", Life.READY));
    redis.put(keys.lease("n"), "something else");
    assertThat(table.lives(List.of("n"))).isEqualTo(Map.of("n", Life.NONE));
    assertThat(table.pulse("n").life()).isEqualTo(Life.NONE);
    redis.put(keys.claim("n"), "other");
    assertThat(table.join("n")).isFalse();
    for (String key : List.of(keys.nodes(), keys.lease("n"), keys.claim("n"), keys.table())) {
      refuse(key);
      assertThatThrownBy(() -> table.join("n")).isInstanceOf(RedisFailure.class);
    }
    redis.delete(keys.table());
    for (String key : List.of(keys.settling(), keys.table(), keys.lease("n"))) {
      refuse(key);
      assertThatThrownBy(
              () -> {
                table.beginTable();
                table.ready("n");
              })
          .isInstanceOf(RedisFailure.class);
    }
    for (String key : List.of(keys.lease("n"), keys.nodes(), keys.table(), keys.channel("n"))) {
      refuse(key);
      assertThatThrownBy(() -> table.pulse("n")).isInstanceOf(RedisFailure.class);
    }
  }

  @Test
  void subscribersAreFoundAndDamagedKeysRemoved() {
    redis.put(keys.topic(ANN), new HashSet<>(Set.of("n", "m")));
    redis.put(keys.topic(BOB), "a text");
    RoutingTable.Subscribers found = table.subscribers(List.of(ANN, BOB, new Topic("none")));
    assertThat(found.nodes().get(ANN)).containsExactlyInAnyOrder("n", "m");
    assertThat(found.nodes().get(new Topic("none"))).isEmpty();
    assertThat(found.wrongType()).containsExactly(BOB);
    assertThat(redis.value(keys.topic(BOB))).isNull();
    assertThat(table.subscribers(List.of()).nodes()).isEmpty();
  }
}
