package chat.engine.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.contract.RouterContract;
import chat.engine.spi.Publication;
import chat.engine.spi.Router;
import chat.engine.spi.RouterUnavailableException;
import chat.engine.spi.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class InMemoryRouterTest extends RouterContract {
  private static final Topic TOPIC = new Topic("topic");

  private final InMemoryRouter.Network network = new InMemoryRouter.Network();
  private final List<String> told = new ArrayList<>();

  @Override
  protected Router newNode() {
    return network.join();
  }

  @Override
  protected void cut(Router node) {
    ((InMemoryRouter) node).cut();
  }

  @Override
  protected void heal(Router node) {
    ((InMemoryRouter) node).heal();
  }

  @Override
  protected void crash(Router node) {
    ((InMemoryRouter) node).crash();
  }

  /** A node that notes under this name what it is told. */
  private InMemoryRouter join(String name) {
    InMemoryRouter node = network.join();
    node.start(
        "cluster",
        new Router.Receiver() {
          @Override
          public void onEnvelope(byte[] payload) {
            told.add(name + " received " + payload[0]);
          }

          @Override
          public void onDoubt() {
            told.add(name + " doubts");
          }

          @Override
          public void onNodeDied(String nodeId, Set<Topic> topics) {
            told.add(name + " survived");
          }
        });
    node.subscribe(List.of(TOPIC));
    return node;
  }

  private static List<Publication> publication(int number) {
    return List.of(new Publication(List.of(TOPIC), new byte[] {(byte) number}));
  }

  @Test
  void aNodeThatWasNotCutOffHealsNothing() {
    InMemoryRouter one = join("one");
    join("two");
    one.heal();
    assertThat(told).isEmpty();
    assertThat(one.healthy()).isTrue();
  }

  @Test
  void aNodeMayBeCutOffAndHealedBeforeItStarts() {
    InMemoryRouter node = network.join();
    node.cut();
    assertThat(node.healthy()).isFalse();
    node.heal();
    assertThat(node.healthy()).isTrue();
    node.crash();
    assertThatThrownBy(() -> node.publish(publication(1)))
        .isInstanceOf(RouterUnavailableException.class);
  }

  @Test
  void whoIsCutOffIsToldNothingUntilItIsHealed() {
    InMemoryRouter one = join("one");
    InMemoryRouter two = join("two");
    InMemoryRouter three = join("three");
    two.cut();
    one.publish(publication(1));
    three.crash();
    assertThat(told).containsExactly("three received 1", "one survived", "one doubts");
    told.clear();
    two.heal();
    assertThat(told).containsExactlyInAnyOrder("one doubts", "two doubts");
  }

  @Test
  void aNodeDiesOnceAndNobodyIsToldOfOneThatWasClosed() {
    InMemoryRouter one = join("one");
    InMemoryRouter two = join("two");
    two.crash();
    two.crash();
    assertThat(told).containsExactly("one survived", "one doubts");
    told.clear();
    InMemoryRouter three = join("three");
    three.close();
    three.crash();
    one.crash();
    assertThat(told).isEmpty();
  }

  @Test
  void aClosedNodeHasNoTopicsAndCanNeitherPublishNorAsk() {
    InMemoryRouter one = join("one");
    InMemoryRouter two = join("two");
    assertThat(one.subscribed(List.of(TOPIC))).containsExactly(TOPIC);
    two.close();
    one.unsubscribe(List.of(TOPIC));
    one.publish(publication(1));
    assertThat(told).isEmpty();
    assertThat(one.subscribed(List.of(TOPIC))).isEmpty();
    assertThatThrownBy(() -> two.publish(publication(1)))
        .isInstanceOf(RouterUnavailableException.class);
    assertThatThrownBy(() -> two.subscribed(List.of(TOPIC)))
        .isInstanceOf(RouterUnavailableException.class);
  }
}
