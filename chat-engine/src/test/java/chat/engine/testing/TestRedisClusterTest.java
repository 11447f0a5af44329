package chat.engine.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

@Tag("thorough")
@EnabledIf(
    value = "chat.engine.testing.TestRedisCluster#available",
    disabledReason = "needs redis-server >= 7 on the PATH")
final class TestRedisClusterTest {

  @Test
  void eachMasterOwnsSlotsAndSendsOtherKeysAway() {
    try (TestRedisCluster cluster = TestRedisCluster.start()) {
      assertThat(cluster.nodes()).hasSize(3);
      // the slot of foo is 12182, in the range of the third master
      assertThat(cluster.nodes().get(2).ask("SET", "foo", "bar")).isEqualTo("OK");
      assertThat(cluster.nodes().get(2).ask("SPUBLISH", "foo", "hello")).isEqualTo("0");
      assertThat(refusal(cluster.nodes().get(0), "GET", "foo"))
          .contains("MOVED 12182 127.0.0.1:" + cluster.nodes().get(2).port());
    }
  }

  @Test
  void aKilledMasterFindsItsPlaceAgain() {
    try (TestRedisCluster cluster = TestRedisCluster.start()) {
      PrivateRedis lost = cluster.nodes().get(1);
      lost.kill();
      await()
          .until(
              () -> cluster.nodes().get(0).ask("CLUSTER", "INFO").contains("cluster_state:fail"));
      lost.start();
      cluster.awaitHealthy();
      assertThat(cluster.nodes().get(2).ask("SET", "foo", "bar")).isEqualTo("OK");
    }
  }

  private static String refusal(PrivateRedis node, String... words) {
    try {
      return "no refusal but " + node.ask(words);
    } catch (UncheckedIOException refused) {
      return String.valueOf(refused.getMessage());
    }
  }
}
