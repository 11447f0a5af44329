package chat.engine.postgres.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.postgres.router.NodeTable.Node;
import chat.engine.postgres.router.TopicTable.Answer;
import chat.engine.postgres.router.link.Link;
import chat.engine.postgres.router.link.LinkFailure;
import chat.engine.postgres.router.link.Statements;
import chat.engine.spi.Topic;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The tables of the router and what a node writes into them, on a real PostgreSQL. */
@Timeout(60)
final class TablesTest {
  private static final Topic ANN = new Topic("user:ann");
  private static final Topic BOB = new Topic("user:bob");
  private static TestDatabase database;

  private final Link link = open();
  private final Link other = open();
  private final Statements statements = new Statements();
  private final Names names = Names.of("chat", "c");
  private final NodeTable nodes = new NodeTable(names, statements);
  private final TopicTable topics = new TopicTable(names, statements);
  private final AtomicLong nanos = new AtomicLong(7);

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
    link.abort();
    try (other) {
      other.execute("TRUNCATE chat_nodes, chat_node_topics");
    }
  }

  private static Link open() {
    return PatientLink.open(database.dataSource());
  }

  private Node node(long id) {
    return nodes.view(other).nodes().stream()
        .filter(node -> node.id() == id)
        .findFirst()
        .orElseThrow();
  }

  private void beat(long id, String when) {
    other.execute("UPDATE chat_nodes SET beat_at = now() + interval '%s'".formatted(when));
    assertThat(node(id).id()).isEqualTo(id);
  }

  // ---- nodes

  @Test
  void aNodeJoinsAndIsReadyOnceItSaysSo() {
    nodes.join(link, 1, "a");
    assertThat(nodes.view(link).nodes())
        .containsExactly(new Node(1, "a", false, true, true, false));
    assertThat(node(1).isJoining()).isTrue();
    assertThat(nodes.ready(link, 1)).isTrue();
    assertThat(node(1).isReady()).isTrue();
    assertThat(node(1).isJoining()).isFalse();
    assertThat(nodes.ready(link, 2)).as("not in the table").isFalse();
    assertThat(nodes.view(link).isAlive(1)).isTrue();
    assertThat(nodes.view(link).isAlive(2)).isFalse();
  }

  @Test
  void aNodeThatHasBeenJoiningForTooLongIsNotWaitedFor() {
    nodes.join(link, 1, "a");
    assertThat(nodes.view(link).isSettled()).isFalse();
    other.execute("UPDATE chat_nodes SET joined_at = now() - interval '5 seconds'");
    assertThat(node(1)).isEqualTo(new Node(1, "a", false, true, true, true));
    assertThat(nodes.view(link).isSettled()).isTrue();
    other.execute("UPDATE chat_nodes SET joined_at = now() - interval '11 seconds'");
    assertThat(node(1).isJoining()).isFalse();
  }

  @Test
  void theLeaseIsRenewedByItsOwnConnectionWhileItLasts() {
    nodes.join(link, 1, "a");
    beat(1, "-4 seconds");
    assertThat(nodes.renew(other, 1)).as("another connection").isFalse();
    assertThat(nodes.renew(link, 2)).as("another node").isFalse();
    assertThat(nodes.renew(link, 1)).isTrue();
    beat(1, "-6 seconds");
    assertThat(node(1).isAlive()).isFalse();
    assertThat(nodes.view(link).isAlive(1)).isFalse();
    assertThat(nodes.renew(link, 1)).as("it has ended").isFalse();
    beat(1, "1 hour");
    assertThat(node(1).isAlive()).as("the clock was set back").isFalse();
  }

  @Test
  void nodesOfOtherClustersAreNotSeen() {
    new NodeTable(Names.of("chat", "d"), statements).join(other, 2, "b");
    nodes.join(link, 1, "a");
    assertThat(nodes.view(link).nodes()).extracting(Node::name).containsExactly("a");
  }

  @Test
  void oneSurvivorClaimsADeadNodeForAWhile() {
    nodes.join(link, 1, "a");
    assertThat(nodes.claim(other, 1)).as("it lives").isFalse();
    beat(1, "-6 seconds");
    assertThat(nodes.claim(other, 1)).isTrue();
    assertThat(nodes.claim(other, 1)).isFalse();
    other.execute("UPDATE chat_nodes SET claimed_at = now() - interval '31 seconds'");
    assertThat(nodes.claim(other, 1)).isTrue();
  }

  @Test
  void theConnectionOfADeadNodeIsEndedAndItsRowRemoved() {
    nodes.join(link, 1, "a");
    nodes.endListening(other, 1);
    assertThatThrownBy(() -> nodes.view(link))
        .isInstanceOfSatisfying(LinkFailure.class, fault -> assertThat(fault.isBroken()).isTrue());
    nodes.remove(other, 1);
    assertThat(nodes.view(other).nodes()).isEmpty();
  }

  @Test
  void nodesThatAreSilentForADayAreForgotten() {
    nodes.join(link, 1, "a");
    beat(1, "-23 hours");
    nodes.removeForgotten(other);
    assertThat(nodes.view(other).nodes()).hasSize(1);
    beat(1, "-25 hours");
    nodes.removeForgotten(other);
    assertThat(nodes.view(other).nodes()).isEmpty();
  }

  @Test
  void everyStatementIsCounted() {
    long before = statements.sent();
    nodes.view(link);
    nodes.ready(link, 1);
    topics.count(link, 1);
    assertThat(statements.sent() - before).isEqualTo(3);
  }

  // ---- topics

  @Test
  void topicsAreWrittenReadAndRemoved() {
    topics.write(link, 1, List.of(ANN, BOB), List.of());
    topics.write(link, 1, List.of(ANN), List.of(BOB));
    topics.write(link, 2, List.of(ANN), List.of());
    assertThat(topics.of(link, 1)).containsExactly(ANN);
    assertThat(topics.count(link, 1)).isEqualTo(1);
    assertThat(topics.subscribers(link, List.of(ANN, BOB))).isEqualTo(Map.of(ANN, Set.of(1L, 2L)));
    topics.removeAll(link, 1);
    assertThat(topics.count(link, 1)).isZero();
    assertThat(topics.count(link, 2)).isEqualTo(1);
  }

  @Test
  void topicsOfSeveralPagesAreAllRemoved() {
    other.execute(
        "INSERT INTO chat_node_topics (topic, node_id) SELECT 't' || i, 1"
            + " FROM generate_series(1, 5001) i");
    topics.removeAll(link, 1);
    assertThat(topics.count(link, 1)).isZero();
  }

  @Test
  void anAnswerHasTheNodesOfTheClusterAndStraysButNobodyElses() {
    nodes.join(link, 1, "a");
    new NodeTable(Names.of("chat", "d"), statements).join(other, 2, "b");
    for (long id = 1; id <= 3; id++) {
      topics.write(link, id, List.of(ANN), List.of());
    }
    Answer answer = topics.ask(link, List.of(ANN, BOB));
    assertThat(answer.view().nodes()).containsExactly(node(1));
    assertThat(answer.subscribers()).isEqualTo(Map.of(ANN, Set.of(1L, 3L)));
    assertThat(topics.strays(link)).containsExactly(3L);
  }

  // ---- what a node wants, and what the table has

  private Incarnation incarnation(long id) {
    return new Incarnation(id, link, link, nanos::get);
  }

  private static List<Topic> topics(int count) {
    return IntStream.range(0, count).mapToObj(i -> new Topic("topic:" + i)).toList();
  }

  @Test
  void whatIsWantedIsWrittenPageByPage() {
    OwnTopics own = new OwnTopics(topics);
    own.add(topics(2_001));
    assertThat(own.isAllWritten()).isFalse();
    assertThat(own.ifAllWritten(() -> {})).isFalse();
    long before = statements.sent();
    own.writeOpen(incarnation(1));
    assertThat(statements.sent() - before).isEqualTo(3);
    assertThat(own.isAllWritten()).isTrue();
    assertThat(topics.of(link, 1)).containsExactlyInAnyOrderElementsOf(topics(2_001));
    own.remove(topics(2_000));
    own.remove(List.of(ANN)); // never wanted
    own.writeOpen(incarnation(1));
    assertThat(topics.of(link, 1)).containsExactly(new Topic("topic:2000"));
    assertThat(own.isWanted(new Topic("topic:2000"))).isTrue();
    assertThat(own.isWanted(new Topic("topic:0"))).isFalse();
    own.openAll();
    own.writeOpen(incarnation(2));
    assertThat(topics.of(link, 2)).containsExactly(new Topic("topic:2000"));
  }

  @Test
  void aChangeOfMindBeforeItIsWrittenEndsWithWhatIsWanted() {
    OwnTopics own = new OwnTopics(topics);
    own.add(List.of(ANN));
    own.remove(List.of(ANN));
    own.remove(List.of(ANN));
    own.add(List.of(BOB));
    own.write(incarnation(1), List.of(ANN, BOB));
    assertThat(topics.of(link, 1)).containsExactly(BOB);
    assertThat(own.isAllWritten()).isTrue();
  }

  @Test
  void nothingIsWrittenForAnIncarnationThatHasEnded() {
    OwnTopics own = new OwnTopics(topics);
    own.add(List.of(ANN));
    Incarnation ended = incarnation(1);
    ended.end();
    own.writeOpen(ended);
    assertThat(topics.count(link, 1)).isZero();
    assertThat(own.isAllWritten()).isFalse();
  }

  @Test
  void aComparisonFindsWhatIsMissingAndWhatIsTooMuch() {
    OwnTopics own = new OwnTopics(topics);
    Incarnation now = incarnation(1);
    own.add(List.of(ANN));
    assertThat(own.compare(now, true)).as("it is written first").isZero();
    own.writeOpen(now);
    assertThat(own.compare(now, true)).isZero();
    topics.write(link, 1, List.of(BOB), List.of(ANN));
    assertThat(own.compare(now, false)).as("their number is right").isZero();
    assertThat(own.compare(now, true)).isEqualTo(2);
    own.writeOpen(now);
    assertThat(topics.of(link, 1)).containsExactly(ANN);
    topics.write(link, 1, List.of(BOB), List.of());
    assertThat(own.compare(now, false)).isEqualTo(1);
    own.writeOpen(now);
    assertThat(topics.of(link, 1)).containsExactly(ANN);
  }

  @Test
  void whatIsRefusedStaysOpenAndIsRemembered() {
    OwnTopics own = new OwnTopics(topics);
    own.add(List.of(new Topic("no\0text")));
    assertThatThrownBy(() -> own.writeOpen(incarnation(1))).isInstanceOf(LinkFailure.class);
    assertThat(own.isRefused()).isTrue();
    assertThat(own.isAllWritten()).isFalse();
    own.remove(List.of(new Topic("no\0text")));
    own.openAll();
    own.writeOpen(incarnation(1));
    assertThat(own.isRefused()).isFalse();
  }

  // ---- a life of a node

  @Test
  void aNodeIsSilentUntilItIsHeardAndWithoutAnEchoOnceItAsked() {
    Incarnation now = incarnation(1);
    nanos.addAndGet(100);
    assertThat(now.silentNanos()).isEqualTo(100);
    now.heard();
    assertThat(now.silentNanos()).isZero();
    assertThat(now.echolessNanos()).isZero();
    now.askedForEcho();
    nanos.addAndGet(100);
    now.askedForEcho();
    assertThat(now.echolessNanos()).as("the oldest counts").isEqualTo(100);
    assertThat(now.hasEchoed()).isFalse();
    now.heardEcho();
    assertThat(now.hasEchoed()).isTrue();
    assertThat(now.echolessNanos()).isZero();
  }

  @Test
  void aNodeThatIsCutOrEndedIsNotReadyAndItsConnectionsAreBroken() {
    Incarnation cut = new Incarnation(1, link, other, nanos::get);
    assertThat(cut.isReady()).isFalse();
    assertThat(cut.wasReady()).isFalse();
    cut.becomeReady();
    assertThat(cut.isReady()).isTrue();
    Incarnation ended = incarnation(2);
    ended.becomeReady();
    ended.end();
    assertThat(ended.hasEnded()).isTrue();
    assertThat(ended.isReady()).isFalse();
    try (Link listening = open()) {
      Incarnation both = new Incarnation(3, listening, link, nanos::get);
      both.becomeReady();
      both.cut();
      assertThat(both.isCut()).isTrue();
      assertThat(both.isReady()).isFalse();
      assertThat(both.wasReady()).isTrue();
      assertThatThrownBy(() -> nodes.view(listening)).hasMessage("the connection was given up");
      assertThatThrownBy(() -> nodes.view(link)).hasMessage("the connection was given up");
    }
  }
}
