package chat.engine.redis;

import chat.engine.contract.RouterContract;
import chat.engine.spi.Router;
import chat.engine.testing.TestRedisCluster;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIf;

@EnabledIf(value = "clusterAvailable", disabledReason = "needs redis-server 7 on the path")
final class RedisClusterRouterTest extends RouterContract {
  private static TestRedisCluster cluster;
  private final String namespace = "test-" + UUID.randomUUID();

  static boolean clusterAvailable() {
    return TestRedisCluster.available();
  }

  @BeforeAll
  static void startCluster() {
    cluster = TestRedisCluster.start();
  }

  @AfterAll
  static void stopCluster() {
    cluster.close();
  }

  @Override
  protected Router newNode() {
    Set<String> addresses =
        cluster.nodes().stream()
            .map(node -> "127.0.0.1:" + node.port())
            .collect(Collectors.toSet());
    return RedisRouter.openCluster(addresses, namespace);
  }
}
