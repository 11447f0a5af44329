package chat.engine.postgres.router;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.link.FaultLog;
import chat.engine.postgres.router.link.Link;
import chat.engine.postgres.router.link.LinkFailure;
import chat.engine.postgres.router.link.Statements;
import chat.engine.spi.Topic;
import chat.engine.testing.Logged;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import chat.engine.testing.router.Recorder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** Two nodes on one PostgreSQL, whose ticks and notifications come when the test says so. */
@Timeout(60)
final class UpkeepTest {
  private static final Topic ANN = new Topic("user:ann");
  private static final Topic BOB = new Topic("user:bob");
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SILENCE = Membership.SILENCE;
  private static TestDatabase database;

  private final Statements statements = new Statements();
  private final Names names = Names.of("chat", "c");
  private final NodeTable nodes = new NodeTable(names, statements);
  private final TopicTable table = new TopicTable(names, statements);
  private final Channels channels = new Channels(names, statements);
  private final AtomicLong nanos = new AtomicLong(7_000_000_000_001L);
  private final Logged logged = Logged.below("chat.engine.postgres.router");
  private final List<Link> links = new ArrayList<>();
  private final Link sql = open();
  private final Node me = new Node("me");
  private final Node other = new Node("other");

  @BeforeAll
  static void makeTables() {
    database = TestPostgres.chatDatabase();
  }

  @AfterAll
  static void dropDatabase() {
    database.close();
  }

  @AfterEach
  void close() {
    sql.execute("TRUNCATE chat_nodes, chat_node_topics");
    links.forEach(Link::close);
    logged.close();
  }

  private Link open() {
    Link link = PatientLink.open(database.dataSource());
    links.add(link);
    return link;
  }

  /** All parts of a node but its threads. */
  private final class Node {
    final String name;
    final Recorder recorder = new Recorder();
    final AtomicInteger wakes = new AtomicInteger();
    final OwnTopics topics = new OwnTopics(table);
    final Neighbours neighbours;
    final FaultLog faults =
        new FaultLog(
            LoggerFactory.getLogger("chat.engine.postgres.router"), "PostgreSQL", nanos::get);
    final Membership membership = new Membership(topics, recorder, faults);
    final Upkeep upkeep;
    Incarnation now;

    Node(String name) {
      this.name = name;
      neighbours = new Neighbours(name, nanos::get);
      upkeep =
          new Upkeep(
              nodes,
              table,
              channels,
              topics,
              neighbours,
              membership,
              recorder,
              faults,
              name,
              nanos::get);
      membership.onNeedOfTick(wakes::incrementAndGet);
    }

    /** As the thread that listens does it. */
    void join(long id) {
      now = new Incarnation(id, open(), open(), nanos::get);
      channels.listen(now.listening(), id);
      nodes.join(now.listening(), id, name);
      membership.begun(now);
    }

    /** Takes what comes, until there is something. */
    List<String> hear() {
      List<String> payloads = now.listening().notifications(LONG);
      payloads.forEach(payload -> membership.received(now, payload));
      return payloads;
    }

    boolean tick() {
      return upkeep.tick();
    }

    void tick(int times) {
      for (int i = 0; i < times; i++) {
        now.heard();
        assertThat(tick()).isTrue();
      }
    }

    /** Joins and does all that it takes to be whole. */
    void come(long id) {
      join(id);
      assertThat(tick()).as("it waits for its echo").isFalse();
      hear();
      assertThat(tick()).isTrue();
      assertThat(now.isReady()).isTrue();
    }

    Set<Topic> written() {
      return table.of(sql, now.id());
    }
  }

  private void advance(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  /** Time passes in which something was heard of the nodes. */
  private void pass(Duration time) {
    advance(time);
    me.now.heard();
    me.now.heardEcho();
  }

  /** A node of this cluster that fell silent an hour ago. */
  private void ghost(long id, String claimedAt) {
    sql.execute(
        "INSERT INTO chat_nodes VALUES (%d, 'chat:c', 'ghost', true, now() - interval '1 hour',"
                .formatted(id)
            + " now() - interval '1 hour', %s, 0, now())".formatted(claimedAt));
    table.write(sql, id, List.of(BOB), List.of());
  }

  private List<Long> ids() {
    return nodes.view(sql).nodes().stream().map(NodeTable.Node::id).sorted().toList();
  }

  // ---- becoming whole

  @Test
  void aNodeIsReadyOnceItsNotificationsArriveAndItsTopicsAreWritten() throws Exception {
    assertThat(me.tick()).as("it has no connections").isFalse();
    me.membership.subscribe(List.of(ANN));
    me.join(0xabcL);
    assertThat(me.wakes).hasValue(1);
    assertThat(me.tick()).isFalse();
    assertThat(me.membership.isHealthy()).isFalse();
    assertThat(me.membership.awaitReady(Duration.ZERO)).isFalse();
    assertThat(nodes.view(sql).nodes().get(0).isReady()).isFalse();
    assertThat(me.hear()).containsExactly(Envelopes.ECHO);
    assertThat(me.wakes).as("the tick comes at once").hasValue(2);
    assertThat(me.recorder.doubts).hasValue(0);

    assertThat(me.tick()).isTrue();
    assertThat(nodes.view(sql).nodes().get(0).isReady()).isTrue();
    assertThat(me.written()).containsExactly(ANN);
    assertThat(me.membership.awaitReady(Duration.ZERO)).isTrue();
    assertThat(me.membership.isHealthy()).isTrue();
    assertThat(me.membership.isSelf(0xabcL)).isTrue();
    assertThat(me.membership.isSelf(1)).isFalse();
    assertThat(me.recorder.doubts).as("of what was asked before").hasValue(1);
    assertThat(logged.lines()).containsExactly("INFO linked to PostgreSQL as me, abc");
    me.tick(1);
    assertThat(me.recorder.doubts).hasValue(1);
    assertThat(logged.lines()).hasSize(1);
  }

  @Test
  void whatIsSubscribedAndNotIsWrittenAtOnceOnceTheNodeIsReady() {
    me.come(1);
    me.membership.subscribe(List.of(ANN, BOB));
    assertThat(me.written()).containsExactlyInAnyOrder(ANN, BOB);
    me.membership.unsubscribe(List.of(ANN));
    assertThat(me.written()).containsExactly(BOB);
    me.tick(1);
    assertThat(me.recorder.doubts).hasValue(0);
  }

  @Test
  void aNodeWhoseRowIsGoneBeforeItIsReadyDoesNotBecomeReady() {
    me.join(1);
    me.tick();
    me.hear();
    sql.execute("DELETE FROM chat_nodes");
    assertThat(me.tick()).isFalse();
    assertThat(me.now.isReady()).isFalse();
    assertThat(me.now.isCut()).isTrue();
  }

  @Test
  void topicsThatAreRefusedMakeANodeUnhealthyUntilTheyAreTaken() {
    Topic refused = new Topic("no\0text");
    me.come(1);
    me.membership.subscribe(List.of(refused));
    assertThat(me.membership.isHealthy()).isFalse();
    assertThat(me.tick()).isFalse();
    assertThat(me.now.isCut()).as("the connection is good").isFalse();
    assertThat(logged.warnings()).isNotEmpty();
    me.topics.remove(List.of(refused));
    me.topics.openAll();
    me.membership.subscribe(List.of(ANN));
    assertThat(me.tick()).isTrue();
    assertThat(me.membership.isHealthy()).isTrue();
    assertThat(me.recorder.doubts).hasValue(1);
    assertThat(logged.lines("works again")).hasSize(1);
  }

  // ---- being cut off

  @Test
  void silenceEndsTheIncarnation() {
    me.come(1);
    advance(SILENCE.minusNanos(1));
    assertThat(me.membership.isHealthy()).isTrue();
    assertThat(me.tick()).isTrue();
    advance(Duration.ofNanos(1));
    assertThat(me.membership.isHealthy()).isFalse();
    assertThat(me.tick()).isFalse();
    assertThat(me.now.isCut()).isTrue();
    assertThat(me.membership.current()).isNull();
    assertThat(logged.warnings().get(0)).contains("nothing comes through its listening connection");
  }

  @Test
  void anEchoThatDoesNotComeEndsTheIncarnation() {
    me.come(1); // 2 ticks
    me.tick(3); // with the fifth it asks again
    advance(SILENCE.minusNanos(1));
    me.tick(1);
    advance(Duration.ofNanos(1));
    me.now.heard();
    assertThat(me.tick()).isFalse();
    assertThat(me.now.isCut()).isTrue();
    assertThat(logged.warnings().get(0)).contains("its notifications do not arrive");
  }

  @Test
  void anEchoIsAskedForWithEveryFifthTick() {
    me.come(1);
    me.tick(3);
    assertThat(me.hear()).containsExactly(Envelopes.ECHO);
    assertThat(me.wakes).as("it is ready").hasValue(2);
    me.tick(5);
    assertThat(me.hear()).containsExactly(Envelopes.ECHO);
    assertThat(me.now.echolessNanos()).isZero();
  }

  @Test
  void aLeaseThatHasEndedEndsTheIncarnation() {
    me.come(1);
    sql.execute("UPDATE chat_nodes SET beat_at = now() - interval '6 seconds'");
    assertThat(me.tick()).isFalse();
    assertThat(me.now.isCut()).isTrue();
    assertThat(logged.warnings().get(0)).contains("its lease is not seen");
  }

  @Test
  void theNextIncarnationWritesEverythingAgainAndRemovesTheTracesOfTheOneBefore() {
    me.come(1);
    me.membership.subscribe(List.of(ANN));
    me.membership.ended(me.now);
    assertThat(me.now.hasEnded()).isTrue();
    assertThat(me.membership.current()).isNull();
    assertThat(me.membership.isSelf(1)).as("there are traces of it").isTrue();
    me.join(2);
    me.tick();
    me.hear();
    assertThat(ids()).containsExactly(1L, 2L);
    assertThat(me.tick()).isTrue();
    assertThat(ids()).containsExactly(2L);
    assertThat(table.of(sql, 1)).isEmpty();
    assertThat(me.written()).containsExactly(ANN);
    assertThat(me.membership.isSelf(1)).isFalse();
    assertThat(me.membership.formerId()).isNull();
    assertThat(me.recorder.doubts).as("envelopes may have been lost").hasValue(1);
  }

  @Test
  void theEndOfAnOlderIncarnationIsNotThatOfThePresentOne() {
    me.come(1);
    Incarnation first = me.now;
    me.join(2);
    me.membership.ended(first);
    assertThat(me.membership.current()).isSameAs(me.now);
  }

  @Test
  void aConnectionThatBreaksEndsTheIncarnation() {
    me.come(1);
    me.now.calls().abort();
    assertThat(me.tick()).isFalse();
    assertThat(me.now.isCut()).isTrue();
    assertThat(logged.warnings()).hasSize(1);
    me.membership.failed(me.now, new LinkFailure("another", "it is cut", true));
    assertThat(logged.warnings()).as("that is known").hasSize(1);
    me.join(2);
    me.tick();
    me.hear();
    assertThat(me.tick()).isTrue();
    assertThat(me.recorder.doubts).hasValue(1);
  }

  @Test
  void aCallThatIsRefusedWakesTheWatchdogOnceAndIsForgottenWhenAllIsWell() {
    me.come(1);
    int before = me.wakes.get();
    me.membership.failed(me.now, new LinkFailure("a code", "refused", false));
    me.membership.failed(me.now, new LinkFailure("a code", "refused", false));
    assertThat(me.wakes).hasValue(before + 1);
    assertThat(me.now.isCut()).isFalse();
    assertThat(me.membership.isHealthy()).isFalse();
    me.tick(1);
    assertThat(me.membership.isHealthy()).isTrue();
    assertThat(me.recorder.doubts).as("nothing was lost").hasValue(0);
    assertThat(logged.lines("works again")).hasSize(1);
  }

  @Test
  void aNodeCanBeCut() {
    me.membership.cut(); // it has no connections
    me.come(1);
    me.membership.cut();
    assertThat(me.now.isCut()).isTrue();
  }

  // ---- comparing

  @Test
  void everyThirdTickFindsTopicsThatAreMissingAndAsksTheOthers() {
    other.come(2);
    me.membership.subscribe(List.of(ANN));
    me.come(1); // 2 ticks
    assertThat(me.neighbours.known()).containsExactly(2L);
    me.recorder.doubts.set(0);
    sql.execute("DELETE FROM chat_node_topics");
    me.tick(1);
    assertThat(me.written()).containsExactly(ANN);
    assertThat(me.recorder.doubts).hasValue(1);
    assertThat(logged.lines("1 subscriptions of this node were missing")).hasSize(1);
    assertThat(other.hear()).containsExactly(Envelopes.CHECK);
    assertThat(other.membership.isCheckAsked()).isTrue();

    sql.execute("DELETE FROM chat_node_topics");
    me.tick(2);
    assertThat(me.written()).as("not before the sixth").isEmpty();
    me.tick(1);
    assertThat(me.written()).containsExactly(ANN);
    assertThat(other.hear()).containsExactly(Envelopes.CHECK);
  }

  /** Another topic in the place of one's own: only a look at each topic finds that. */
  private void swapTopics() {
    sql.execute("UPDATE chat_node_topics SET topic = 'user:nobody' WHERE topic = 'user:ann'");
  }

  @Test
  void aNodeThatIsAskedLooksAtEachOfItsTopicsAtMostEveryThreeSeconds() {
    me.membership.subscribe(List.of(ANN));
    me.come(1); // 2 ticks
    me.tick(1);
    int wakes = me.wakes.get();
    me.recorder.doubts.set(0);
    swapTopics();
    me.membership.received(me.now, Envelopes.CHECK);
    assertThat(me.wakes).hasValue(wakes + 1);
    me.tick(1);
    assertThat(me.written()).containsExactly(ANN);
    assertThat(me.membership.isCheckAsked()).isFalse();
    assertThat(me.recorder.doubts).hasValue(1);

    swapTopics();
    me.membership.received(me.now, Envelopes.CHECK);
    pass(Duration.ofSeconds(3).minusNanos(1));
    me.tick(1);
    assertThat(me.written()).doesNotContain(ANN);
    assertThat(me.membership.isCheckAsked()).isTrue();
    pass(Duration.ofNanos(1));
    me.tick(1);
    assertThat(me.written()).containsExactly(ANN);

    me.recorder.doubts.set(0);
    pass(Duration.ofSeconds(3));
    me.membership.received(me.now, Envelopes.CHECK);
    me.tick(1);
    assertThat(me.recorder.doubts).as("what was asked before may be wrong").hasValue(1);
  }

  @Test
  void everyTopicIsLookedAtNowAndThenWithoutBeingAsked() {
    me.membership.subscribe(List.of(ANN));
    me.come(1); // 2 ticks
    swapTopics();
    for (int tick = 3; tick < 120; tick++) {
      me.now.heardEcho();
      me.tick(1);
    }
    assertThat(me.written()).doesNotContain(ANN);
    me.tick(1);
    assertThat(me.written()).containsExactly(ANN);
  }

  // ---- others

  @Test
  void aNodeThatComesOrGoesMeansDoubt() {
    me.come(1);
    assertThat(me.recorder.doubts).hasValue(0);
    other.come(2);
    me.tick(1);
    assertThat(me.recorder.doubts).hasValue(1);
    me.tick(1);
    assertThat(me.recorder.doubts).hasValue(1);
    other.upkeep.leaveCluster(other.now);
    me.tick(1);
    assertThat(me.recorder.doubts).hasValue(2);
  }

  @Test
  void aDeadNodeIsForgottenAndItsTopicsAreToldOnce() {
    other.come(2);
    me.come(1);
    ghost(7, "NULL");
    me.tick(1);
    assertThat(me.recorder.dead).isEmpty();
    pass(Neighbours.CONFIRMATION);
    me.tick(1);
    assertThat(me.recorder.dead).containsExactly(Set.of(BOB));
    assertThat(ids()).containsExactly(1L, 2L);
    assertThat(table.of(sql, 7)).isEmpty();
    other.now.heard();
    other.tick(1);
    assertThat(other.recorder.dead).isEmpty();
  }

  @Test
  void aDeadNodeThatAnotherHasClaimedIsLeftToIt() {
    me.come(1);
    ghost(7, "now()");
    me.tick(1);
    pass(Neighbours.CONFIRMATION);
    me.tick(1);
    assertThat(me.recorder.dead).isEmpty();
    assertThat(ids()).containsExactly(1L, 7L);
  }

  @Test
  void theListeningConnectionOfADeadNodeIsEnded() throws SQLException {
    me.come(1);
    try (Connection silent = database.dataSource().getConnection();
        var statement = silent.createStatement()) {
      statement.execute(
          "INSERT INTO chat_nodes SELECT 8, 'chat:c', 'silent', true, now(), now() - interval '1 hour',"
              + " NULL, pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()");
      me.tick(1);
      pass(Neighbours.CONFIRMATION);
      me.tick(1);
      assertThat(me.recorder.dead).hasSize(1);
      assertThat(silent.isValid(1)).isFalse();
    }
  }

  @Test
  void whatNobodyElseForgetsIsRemovedWithTheFirstTickAndThenNowAndThen() {
    String strays = "INSERT INTO chat_node_topics VALUES ('user:a', 10), ('user:b', 10)";
    sql.execute(strays);
    sql.execute(
        "INSERT INTO chat_nodes VALUES (12, 'chat:gone', 'gone', true, now() - interval '2 days',"
            + " now() - interval '2 days', NULL, 0, now())");
    me.come(1);
    assertThat(table.count(sql, 10)).isZero();
    assertThat(
            statements.number(sql, "SELECT count(*) FROM chat_nodes WHERE cluster = 'chat:gone'"))
        .isZero();
    sql.execute(strays);
    for (int tick = 3; tick <= 600; tick++) {
      me.now.heardEcho();
      me.tick(1);
    }
    assertThat(table.count(sql, 10)).isEqualTo(2);
    me.tick(1);
    assertThat(table.count(sql, 10)).isZero();
  }

  @Test
  void leavingRemovesEveryTrace() {
    me.membership.subscribe(List.of(ANN));
    me.come(1);
    me.membership.ended(me.now);
    me.join(2);
    me.upkeep.leaveCluster(me.now);
    assertThat(ids()).isEmpty();
    assertThat(table.count(sql, 1)).isZero();
    assertThat(me.membership.formerId()).isNull();
    assertThat(me.now.hasEnded()).isTrue();
    me.membership.subscribe(List.of(BOB));
    assertThat(table.count(sql, 2)).isZero();
  }

  // ---- what comes

  @Test
  void envelopesAreHandedOnAndWhatCannotBeReadMeansDoubt() {
    me.come(1);
    advance(Duration.ofSeconds(1));
    byte[] envelope = "hello".getBytes(StandardCharsets.UTF_8);
    Envelopes.pack(List.of(envelope, envelope), 1)
        .forEach(frame -> frame.forEach(payload -> me.membership.received(me.now, payload)));
    assertThat(me.recorder.envelopes).containsExactly("hello", "hello");
    assertThat(me.now.silentNanos()).isZero();
    assertThat(me.recorder.doubts).hasValue(0);
    me.membership.received(me.now, "what is this");
    assertThat(me.recorder.doubts).hasValue(1);
    assertThat(logged.lines("a notification could not be read")).hasSize(1);
  }

  @Test
  void theThreadThatListensIsWokenByANotificationOrLosesItsConnection() {
    me.upkeep.wakeListener(); // nobody listens
    me.come(1);
    me.upkeep.wakeListener();
    assertThat(me.hear()).containsExactly(Envelopes.ECHO);
    me.now.calls().abort();
    me.upkeep.wakeListener();
    assertThat(me.now.isCut()).isTrue();
  }

  @Test
  void aLargeNumberOfTopicsIsWrittenBeforeTheNodeIsReady() {
    List<Topic> many = IntStream.range(0, 2_500).mapToObj(i -> new Topic("topic:" + i)).toList();
    me.membership.subscribe(many);
    me.come(1);
    assertThat(me.written()).hasSize(2_500);
  }
}
