package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.spi.Publication;
import chat.engine.spi.Router;
import chat.engine.spi.RouterUnavailableException;
import chat.engine.spi.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link Router} must do. Extend it and say how a node is made, and how its link to the
 * others is cut and healed; all its tests run against that router.
 */
@Timeout(120)
public abstract class RouterContract {
  private static final Topic RED = new Topic("red");
  private static final Topic BLUE = new Topic("blue and \u00fc:1");
  private static final Topic GREEN = new Topic("green");

  private final List<Router> nodes = new ArrayList<>();

  /**
   * A router for one more node, not started. All nodes of a test share a medium, such as a server;
   * each test has one of its own, or names in it that no other test uses.
   */
  protected abstract Router newNode();

  /** Cuts a node off from the medium until {@link #heal}. */
  protected abstract void cut(Router node);

  /** Ends a {@link #cut}. */
  protected abstract void heal(Router node);

  /** Ends a node for good as the death of its process would: it cannot tell anybody. */
  protected abstract void crash(Router node);

  /** Within which time the router notices what happened, and has recovered after it. */
  protected Duration patience() {
    return Duration.ofSeconds(20);
  }

  /** How long a call may block at most, whatever the link does. */
  protected Duration longestCall() {
    return Duration.ofSeconds(8);
  }

  /** Called after each test, when its nodes are closed. */
  protected void closeMedium() {}

  @AfterEach
  final void closeNodes() {
    nodes.forEach(Router::close);
    closeMedium();
  }

  private static final class Inbox implements Router.Receiver {
    private final List<String> envelopes = new CopyOnWriteArrayList<>();
    private final AtomicInteger doubts = new AtomicInteger();
    private final List<Set<Topic>> dead = new CopyOnWriteArrayList<>();

    @Override
    public void onEnvelope(byte[] payload) {
      envelopes.add(new String(payload, StandardCharsets.UTF_8));
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

  private Router start(Inbox inbox) {
    return start("a cluster", inbox);
  }

  private Router start(String cluster, Inbox inbox) {
    Router node = newNode();
    nodes.add(node);
    node.start(cluster, inbox);
    return node;
  }

  private ConditionFactory soon() {
    return await().atMost(patience());
  }

  private static Publication publication(String text, Topic... topics) {
    return new Publication(List.of(topics), text.getBytes(StandardCharsets.UTF_8));
  }

  /** What the node answers as soon as it can tell. */
  private Set<Topic> subscribed(Router node, Topic... topics) {
    Set<Topic> answer = new HashSet<>();
    soon()
        .ignoreException(RouterUnavailableException.class)
        .until(() -> answer.addAll(node.subscribed(List.of(topics))) || true);
    return answer;
  }

  private void awaitSubscribed(Router node, List<Topic> asked, Topic... expected) {
    soon()
        .ignoreException(RouterUnavailableException.class)
        .untilAsserted(
            () -> assertThat(node.subscribed(asked)).containsExactlyInAnyOrder(expected));
  }

  @Test
  final void aPublicationReachesTheSubscribedNodesOnceAndNotItsSender() {
    Inbox sender = new Inbox();
    Inbox red = new Inbox();
    Inbox both = new Inbox();
    Inbox none = new Inbox();
    Router from = start(sender);
    from.subscribe(List.of(RED));
    start(red).subscribe(List.of(RED));
    start(both).subscribe(List.of(RED, BLUE));
    Router other = start(none);
    from.publish(
        List.of(publication("1", RED, BLUE), publication("2", BLUE), publication("3", RED)));
    soon().untilAsserted(() -> assertThat(both.envelopes).containsExactly("1", "2", "3"));
    soon().untilAsserted(() -> assertThat(red.envelopes).containsExactly("1", "3"));
    other.publish(List.of(publication("last", RED)));
    soon().untilAsserted(() -> assertThat(sender.envelopes).containsExactly("last"));
    assertThat(none.envelopes).isEmpty();
  }

  @Test
  final void anEndedSubscriptionReceivesNothingThatIsPublishedLater() {
    Inbox inbox = new Inbox();
    Router from = start(new Inbox());
    Router to = start(inbox);
    to.subscribe(List.of(RED, BLUE));
    to.unsubscribe(List.of(RED, new Topic("never subscribed")));
    from.publish(List.of(publication("red", RED), publication("blue", BLUE)));
    soon().untilAsserted(() -> assertThat(inbox.envelopes).containsExactly("blue"));
  }

  @Test
  final void itTellsWhichTopicsHaveALiveNode() {
    Router one = start(new Inbox());
    Router two = start(new Inbox());
    one.subscribe(List.of(RED));
    two.subscribe(List.of(BLUE));
    assertThat(subscribed(one, RED, BLUE, GREEN)).containsExactlyInAnyOrder(RED, BLUE);
    assertThat(subscribed(two, RED, BLUE, GREEN)).containsExactlyInAnyOrder(RED, BLUE);
    two.close();
    two.close();
    awaitSubscribed(one, List.of(RED, BLUE), RED);
    assertThat(one.subscribed(List.of())).isEmpty();
  }

  @Test
  final void manyAndLargeEnvelopesArriveWholeAndInTheOrderOfOnePublisher() {
    Inbox inbox = new Inbox();
    Router from = start(new Inbox());
    start(inbox).subscribe(List.of(RED));
    List<Publication> many = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      expected.add(i + "x".repeat(20_000));
      many.add(publication(expected.get(i), RED));
    }
    from.publish(many);
    soon().untilAsserted(() -> assertThat(inbox.envelopes).isEqualTo(expected));
  }

  @Test
  final void nodesHaveNamesOfTheirOwnAndAreHealthy() {
    Router one = start(new Inbox());
    Router two = start(new Inbox());
    assertThat(one.nodeId()).isNotEqualTo(two.nodeId());
    soon().untilAsserted(() -> assertThat(one.healthy() && two.healthy()).isTrue());
  }

  @Test
  final void clustersOnOneMediumShareNothing() {
    Inbox inbox = new Inbox();
    Inbox foreigner = new Inbox();
    Router from = start("north", new Inbox());
    start("north", inbox).subscribe(List.of(RED));
    start("south", foreigner).subscribe(List.of(RED, BLUE));
    Router southern = start("south", new Inbox());
    from.publish(List.of(publication("of the north", RED, BLUE)));
    soon().untilAsserted(() -> assertThat(inbox.envelopes).containsExactly("of the north"));
    southern.publish(List.of(publication("of the south", RED)));
    soon().untilAsserted(() -> assertThat(foreigner.envelopes).containsExactly("of the south"));
    assertThat(inbox.envelopes).containsExactly("of the north");
    assertThat(subscribed(from, RED, BLUE)).containsExactly(RED);
    assertThat(subscribed(southern, RED, BLUE)).containsExactlyInAnyOrder(RED, BLUE);
  }

  @Test
  final void aNodeThatWasCutOffIsInDoubtAndReceivesAgainAndSoDoTheOthersLookAgain() {
    Inbox inbox = new Inbox();
    Inbox other = new Inbox();
    Router from = start(other);
    Router to = start(inbox);
    to.subscribe(List.of(RED));
    soon().until(() -> from.healthy() && to.healthy());
    int before = inbox.doubts.get();
    int othersBefore = other.doubts.get();
    cut(to);
    soon().until(() -> !to.healthy());
    from.publish(List.of(publication("lost", RED)));
    heal(to);
    soon().untilAsserted(() -> assertThat(inbox.doubts).hasValueGreaterThan(before));
    soon().until(to::healthy);
    from.publish(List.of(publication("again", RED)));
    soon().untilAsserted(() -> assertThat(inbox.envelopes).contains("again"));
    soon().untilAsserted(() -> assertThat(other.doubts).hasValueGreaterThan(othersBefore));
    awaitSubscribed(from, List.of(RED), RED);
  }

  @Test
  final void whatIsSubscribedAndEndedWhileTheLinkIsDownTakesEffectWhenItIsBack() {
    Inbox inbox = new Inbox();
    Router from = start(new Inbox());
    Router to = start(inbox);
    to.subscribe(List.of(RED));
    soon().until(() -> from.healthy() && to.healthy());
    cut(to);
    soon().until(() -> !to.healthy());
    to.subscribe(List.of(BLUE));
    to.unsubscribe(List.of(RED));
    int before = inbox.doubts.get();
    heal(to);
    soon().untilAsserted(() -> assertThat(inbox.doubts).hasValueGreaterThan(before));
    soon().until(to::healthy);
    from.publish(List.of(publication("red", RED), publication("blue", BLUE)));
    soon().untilAsserted(() -> assertThat(inbox.envelopes).containsExactly("blue"));
    awaitSubscribed(from, List.of(RED, BLUE), BLUE);
  }

  @Test
  final void whileTheLinkIsDownCallsEndInTimeAndSayThatItIs() {
    Router node = start(new Inbox());
    Router other = start(new Inbox());
    other.subscribe(List.of(RED));
    soon().until(() -> node.healthy() && other.healthy());
    cut(node);
    soon().until(() -> !node.healthy());
    inTime(() -> node.subscribe(List.of(BLUE)));
    inTime(() -> node.unsubscribe(List.of(BLUE)));
    inTime(
        () ->
            assertThatThrownBy(() -> node.publish(List.of(publication("nowhere", RED))))
                .isInstanceOf(RouterUnavailableException.class));
    inTime(
        () ->
            assertThatThrownBy(() -> node.subscribed(List.of(RED)))
                .isInstanceOf(RouterUnavailableException.class));
    inTime(node::healthy);
    inTime(node::close);
  }

  private void inTime(Runnable call) {
    long begun = System.nanoTime();
    call.run();
    assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun))
        .as("milliseconds that the call took")
        .isLessThan(longestCall().toMillis());
  }

  @Test
  final void oneSurvivorIsToldWhichTopicsADeadNodeHadAndAllAreInDoubt() {
    Inbox first = new Inbox();
    Inbox second = new Inbox();
    Router one = start(first);
    Router two = start(second);
    Router doomed = start(new Inbox());
    doomed.subscribe(List.of(RED, BLUE));
    soon().until(() -> one.healthy() && two.healthy() && doomed.healthy());
    awaitSubscribed(one, List.of(RED, BLUE), RED, BLUE);
    awaitSubscribed(two, List.of(RED, BLUE), RED, BLUE);
    int firstBefore = first.doubts.get();
    int secondBefore = second.doubts.get();
    crash(doomed);
    soon().untilAsserted(() -> assertThat(first.dead.size() + second.dead.size()).isEqualTo(1));
    soon().untilAsserted(() -> assertThat(first.doubts).hasValueGreaterThan(firstBefore));
    soon().untilAsserted(() -> assertThat(second.doubts).hasValueGreaterThan(secondBefore));
    Set<Topic> told = first.dead.isEmpty() ? second.dead.get(0) : first.dead.get(0);
    assertThat(told).containsExactlyInAnyOrder(RED, BLUE);
    awaitSubscribed(one, List.of(RED, BLUE));
    assertThat(first.dead.size() + second.dead.size()).isEqualTo(1);
  }
}
