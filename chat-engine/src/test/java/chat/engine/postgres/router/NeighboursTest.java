package chat.engine.postgres.router;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.postgres.router.NodeTable.Node;
import chat.engine.postgres.router.NodeTable.View;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What one node thinks of the others. */
final class NeighboursTest {
  private static final View NOBODY = new View(List.of());

  private final AtomicLong nanos = new AtomicLong(5);
  private final Neighbours neighbours = new Neighbours("me", nanos::get);

  private static Node ready(long id) {
    return new Node(id, "node " + id, true, true, false, true);
  }

  private static Node joining(long id) {
    return new Node(id, "node " + id, false, true, true, false);
  }

  private static Node leaseless(long id) {
    return new Node(id, "node " + id, true, false, false, true);
  }

  private boolean observe(Node... nodes) {
    return neighbours.observe(new View(List.of(nodes)));
  }

  private void advance(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Test
  void thisNodeIsNoNeighbourUnderAnyOfItsIds() {
    Node old = new Node(1, "me", true, false, false, true);
    Node present = new Node(2, "me", true, true, true, false);
    observe(old, present);
    advance(Neighbours.CONFIRMATION);
    assertThat(observe(old, present)).isFalse();
    assertThat(neighbours.known()).isEmpty();
    assertThat(neighbours.isDead(1)).isFalse();
  }

  @Test
  void comingAndGoingIsAChangeTheFirstLookIsNot() {
    assertThat(observe(ready(1))).isFalse();
    assertThat(observe(ready(1))).isFalse();
    assertThat(observe(ready(1), ready(2))).isTrue();
    assertThat(observe(ready(1), ready(2))).isFalse();
    assertThat(observe(ready(2))).isTrue();
    assertThat(neighbours.known()).containsExactly(2L);
    assertThat(observe(joining(2))).isTrue();
    assertThat(observe(ready(2))).isTrue();
  }

  @Test
  void aNodeWithoutALeaseIsDeadAfterAMomentAndThenForgotten() {
    observe(ready(1));
    assertThat(observe(leaseless(1))).isTrue();
    assertThat(neighbours.isDead(1)).isFalse();
    advance(Neighbours.CONFIRMATION.minusNanos(1));
    assertThat(observe(leaseless(1))).isFalse();
    View view = new View(List.of(leaseless(1)));
    assertThat(neighbours.mayLive(1, view)).isTrue();
    assertThat(neighbours.dead(view)).isEmpty();
    assertThat(neighbours.known()).containsExactly(1L);
    nanos.incrementAndGet();
    assertThat(observe(leaseless(1))).isTrue();
    assertThat(neighbours.isDead(1)).isTrue();
    assertThat(neighbours.mayLive(1, view)).isFalse();
    assertThat(neighbours.dead(view)).containsExactly(leaseless(1));
    assertThat(neighbours.known()).isEmpty();
    assertThat(observe(leaseless(1))).as("that is known").isFalse();
    observe();
    assertThat(neighbours.isDead(1)).isFalse();
  }

  @Test
  void aLeaseThatComesBackInTimeSavesTheNode() {
    observe(leaseless(1));
    advance(Neighbours.CONFIRMATION.minusNanos(1));
    observe(ready(1));
    observe(leaseless(1));
    advance(Duration.ofSeconds(1));
    observe(leaseless(1));
    assertThat(neighbours.isDead(1)).isFalse();
    advance(Neighbours.CONFIRMATION);
    observe(leaseless(1));
    assertThat(neighbours.isDead(1)).isTrue();
    observe(ready(1));
    assertThat(neighbours.isDead(1)).isFalse();
  }

  @Test
  void aNodeThatWasAwayFromTheListBeginsItsTimeAnew() {
    observe(leaseless(1));
    observe();
    advance(Neighbours.CONFIRMATION);
    observe(leaseless(1));
    assertThat(neighbours.isDead(1)).isFalse();
  }

  @Test
  void aNodeInTheListMayLiveWhateverItsAge() {
    View view = new View(List.of(ready(1), ready(2)));
    assertThat(neighbours.mayLive(2, view)).isTrue();
    assertThat(neighbours.mayLive(9, view)).isTrue();
    advance(Neighbours.STRAY_LIMIT);
    assertThat(neighbours.mayLive(2, view)).isTrue();
    assertThat(neighbours.mayLive(9, view)).as("others in the list do not help it").isFalse();
    observe(ready(3));
    assertThat(neighbours.mayLive(3, NOBODY)).as("it was in the list a moment ago").isTrue();
    advance(Neighbours.STRAY_LIMIT);
    assertThat(neighbours.mayLive(3, NOBODY)).isTrue();
  }

  @Test
  void topicsOfANodeThatIsNotInTheListAreUncertainForAWhile() {
    assertThat(neighbours.mayLive(9, NOBODY)).isTrue();
    advance(Neighbours.STRAY_LIMIT.minusNanos(1));
    assertThat(neighbours.mayLive(9, NOBODY)).isTrue();
    nanos.incrementAndGet();
    assertThat(neighbours.mayLive(9, NOBODY)).isFalse();
    assertThat(neighbours.mayLive(10, NOBODY)).isTrue();
  }

  @Test
  void straysAreForgottenRatherThanToGrow() {
    neighbours.mayLive(-1, NOBODY);
    advance(Neighbours.STRAY_LIMIT);
    for (int id = 0; id < 9_999; id++) {
      neighbours.mayLive(id, NOBODY);
    }
    assertThat(neighbours.mayLive(-2, NOBODY)).isTrue();
    assertThat(neighbours.mayLive(-1, NOBODY)).as("its time begins anew").isTrue();
  }
}
