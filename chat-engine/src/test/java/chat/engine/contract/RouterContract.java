package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.spi.Publication;
import chat.engine.spi.Router;
import chat.engine.spi.Topic;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link Router} must do. Extend it and implement {@link #newNode}; all its tests run
 * against that router.
 */
@Timeout(60)
public abstract class RouterContract {
  private static final Topic RED = new Topic("red");
  private static final Topic BLUE = new Topic("blue and \u00fc:1");

  private final List<Router> nodes = new ArrayList<>();

  /**
   * A router for one more node of the same cluster, not started. Each test has a cluster of its
   * own.
   */
  protected abstract Router newNode();

  @AfterEach
  final void closeNodes() {
    nodes.forEach(Router::close);
  }

  private static final class Inbox implements Router.Receiver {
    private final List<String> envelopes = new CopyOnWriteArrayList<>();

    @Override
    public void onEnvelope(byte[] payload) {
      envelopes.add(new String(payload, StandardCharsets.UTF_8));
    }

    @Override
    public void onDoubt() {}

    @Override
    public void onNodeDied(String nodeId, Set<Topic> topics) {}
  }

  private Router start(Inbox inbox) {
    Router node = newNode();
    nodes.add(node);
    node.start("a cluster", inbox);
    return node;
  }

  private static Publication publication(String text, Topic... topics) {
    return new Publication(List.of(topics), text.getBytes(StandardCharsets.UTF_8));
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
    await().untilAsserted(() -> assertThat(both.envelopes).containsExactly("1", "2", "3"));
    await().untilAsserted(() -> assertThat(red.envelopes).containsExactly("1", "3"));
    other.publish(List.of(publication("last", RED)));
    await().untilAsserted(() -> assertThat(sender.envelopes).containsExactly("last"));
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
    await().untilAsserted(() -> assertThat(inbox.envelopes).containsExactly("blue"));
  }

  @Test
  final void itTellsWhichTopicsHaveALiveNode() {
    Router one = start(new Inbox());
    Router two = start(new Inbox());
    one.subscribe(List.of(RED));
    two.subscribe(List.of(BLUE));
    assertThat(one.subscribed(List.of(RED, BLUE, new Topic("green"))))
        .containsExactlyInAnyOrder(RED, BLUE);
    two.close();
    two.close();
    assertThat(one.subscribed(List.of(RED, BLUE))).containsExactly(RED);
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
    await().untilAsserted(() -> assertThat(inbox.envelopes).isEqualTo(expected));
  }

  @Test
  final void nodesHaveNamesOfTheirOwnAndAreHealthy() {
    Router one = start(new Inbox());
    Router two = start(new Inbox());
    assertThat(one.nodeId()).isNotEqualTo(two.nodeId());
    await().untilAsserted(() -> assertThat(one.healthy() && two.healthy()).isTrue());
  }
}
