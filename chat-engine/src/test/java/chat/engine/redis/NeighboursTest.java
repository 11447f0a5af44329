package chat.engine.redis;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.spi.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What one node thinks of the others. */
final class NeighboursTest {
  private final RedisKeys keys = new RedisKeys("chat", "c");
  private final FakeRedis redis = new FakeRedis();
  private final RoutingTable table = new RoutingTable(redis, keys, new AtomicLong());
  private final List<Set<Topic>> died = new ArrayList<>();
  private final Neighbours neighbours =
      new Neighbours(table, "me", redis::nanoTime, (id, topics) -> died.add(topics));

  private boolean observe(String... nodes) {
    return neighbours.observe(Set.of(nodes));
  }

  @Test
  void thisNodeIsNoNeighbourUnderAnyOfItsNames() {
    assertThat(neighbours.isSelf("me")).isTrue();
    assertThat(neighbours.isSelf("me.7")).isTrue();
    assertThat(neighbours.isSelf("me2")).isFalse();
    observe("me.1", "me.2");
    assertThat(neighbours.known()).isEmpty();
    assertThat(neighbours.mayLive("me.1")).isFalse();
    redis.advance(60_000);
    observe("me.1", "me.2");
    assertThat(died).isEmpty();
  }

  @Test
  void comingAndGoingIsAChangeTheFirstLookIsNot() {
    redis.put(keys.lease("a"), "ready");
    redis.put(keys.lease("b"), "ready");
    assertThat(observe("a")).isFalse();
    assertThat(observe("a")).isFalse();
    assertThat(observe("a", "b")).isTrue();
    assertThat(observe("a", "b")).isFalse();
    assertThat(observe("b")).isTrue();
    assertThat(neighbours.known()).containsExactly("b");
    redis.put(keys.lease("b"), "joining");
    assertThat(observe("b")).isTrue();
    redis.put(keys.lease("b"), "ready");
    assertThat(observe("b")).isTrue();
  }

  @Test
  void aNodeWithoutALeaseIsDeadAfterAMomentAndThenForgotten() {
    redis.put(keys.lease("a"), "ready");
    observe("a");
    redis.delete(keys.lease("a"));
    redis.put(keys.topicsOf("a"), Set.of("t"));
    assertThat(observe("a")).isTrue();
    assertThat(neighbours.isDead("a")).isFalse();
    assertThat(neighbours.mayLive("a")).isTrue();
    redis.advance(Neighbours.CONFIRMATION.toMillis() - 1);
    observe("a");
    assertThat(neighbours.isDead("a")).isFalse();
    assertThat(died).isEmpty();
    redis.advance(1);
    assertThat(observe("a")).isTrue();
    assertThat(neighbours.isDead("a")).isTrue();
    assertThat(neighbours.mayLive("a")).isFalse();
    assertThat(neighbours.known()).isEmpty();
    assertThat(died).containsExactly(Set.of(new Topic("t")));
    observe();
    assertThat(neighbours.isDead("a")).isFalse();
  }

  @Test
  void aLeaseThatComesBackInTimeSavesTheNode() {
    observe("a");
    redis.advance(Neighbours.CONFIRMATION.toMillis() - 1);
    redis.put(keys.lease("a"), "ready");
    observe("a");
    redis.delete(keys.lease("a"));
    redis.advance(1_000);
    observe("a");
    assertThat(neighbours.isDead("a")).isFalse();
    redis.advance(Neighbours.CONFIRMATION.toMillis());
    redis.put(keys.claim("a"), "somebody else");
    observe("a");
    assertThat(neighbours.isDead("a")).isTrue();
    assertThat(died).isEmpty();
    redis.put(keys.lease("a"), "ready");
    observe("a");
    assertThat(neighbours.isDead("a")).isFalse();
  }

  @Test
  void aNodeThatJoinsIsWaitedForButNotForLong() {
    redis.put(keys.lease("a"), "joining");
    observe("a");
    assertThat(neighbours.someoneJoins()).isTrue();
    redis.advance(Neighbours.JOINING_LIMIT.toMillis() - 1);
    observe("a");
    assertThat(neighbours.someoneJoins()).isTrue();
    redis.advance(1);
    observe("a");
    assertThat(neighbours.someoneJoins()).isFalse();
    redis.put(keys.lease("a"), "ready");
    observe("a");
    redis.put(keys.lease("a"), "joining");
    observe("a");
    assertThat(neighbours.someoneJoins()).isTrue();
  }

  @Test
  void aStrayNameIsUncertainForAWhile() {
    assertThat(neighbours.mayLive("stray")).isTrue();
    redis.advance(Neighbours.STRAY_LIMIT.toMillis() - 1);
    assertThat(neighbours.mayLive("stray")).isTrue();
    redis.advance(1);
    assertThat(neighbours.mayLive("stray")).isFalse();
    assertThat(neighbours.mayLive("another")).isTrue();
  }

  @Test
  void straysAreForgottenRatherThanToGrow() {
    neighbours.mayLive("first");
    redis.advance(Neighbours.STRAY_LIMIT.toMillis());
    assertThat(neighbours.mayLive("first")).isFalse();
    for (int i = 0; i < 9_999; i++) {
      neighbours.mayLive("stray " + i);
    }
    assertThat(neighbours.mayLive("one more")).isTrue();
    assertThat(neighbours.mayLive("first")).as("its time begins anew").isTrue();
  }
}
