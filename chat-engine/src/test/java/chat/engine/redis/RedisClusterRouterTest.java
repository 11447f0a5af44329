package chat.engine.redis;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.contract.RouterContract;
import chat.engine.redis.link.ClusterLink;
import chat.engine.spi.MachineIdLeases;
import chat.engine.spi.Router;
import chat.engine.testing.TcpProxy;
import chat.engine.testing.TestRedisCluster;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;

/** The contract on a real Redis Cluster; each node has a network of its own to it. */
@Tag("thorough")
@EnabledIf(value = "clusterAvailable", disabledReason = "needs redis-server 7 on the path")
final class RedisClusterRouterTest extends RouterContract {
  private final TestRedisCluster cluster = TestRedisCluster.shared();
  private final String namespace = "test-" + UUID.randomUUID();
  private final Map<Router, Map<Integer, TcpProxy>> networks = new HashMap<>();

  static boolean clusterAvailable() {
    return TestRedisCluster.available();
  }

  @Override
  protected void closeMedium() {
    networks.values().forEach(network -> network.values().forEach(TcpProxy::close));
  }

  @Override
  protected Router newNode() {
    Map<Integer, TcpProxy> network = new HashMap<>();
    cluster.nodes().forEach(node -> network.put(node.port(), TcpProxy.to(node.port())));
    HostAndPort start = new HostAndPort("127.0.0.1", network.values().iterator().next().port());
    DefaultJedisClientConfig config =
        DefaultJedisClientConfig.builder()
            .timeoutMillis(1_000)
            .hostAndPortMapper(
                address -> {
                  TcpProxy proxy = network.get(address.getPort());
                  return proxy == null ? address : new HostAndPort("127.0.0.1", proxy.port());
                })
            .build();
    Router router = new RedisRouter(new ClusterLink(Set.of(start), config, 1_000), namespace);
    networks.put(router, network);
    return router;
  }

  private void eachLink(Router node, Consumer<TcpProxy> change) {
    networks.get(node).values().forEach(change);
  }

  @Override
  protected void cut(Router node) {
    eachLink(node, TcpProxy::cut);
  }

  @Override
  protected void heal(Router node) {
    eachLink(node, TcpProxy::heal);
  }

  @Override
  protected void crash(Router node) {
    eachLink(node, TcpProxy::cut);
  }

  /** Both keys of a machine id must be in one slot. */
  @Test
  void machineIdsAreLeasedInAClusterToo() {
    Set<String> addresses = new HashSet<>();
    cluster.nodes().forEach(node -> addresses.add("127.0.0.1:" + node.port()));
    long now = 35_000_000_000L;
    try (MachineIdLeases leases = RedisMachineIdLeases.openCluster(addresses, namespace)) {
      Set<Integer> held = new HashSet<>();
      for (int i = 0; i < 10; i++) {
        MachineIdLeases.Lease lease = leases.acquire("test", now);
        held.add(lease.machineId());
        assertThat(leases.renew(lease, now + i)).isPresent();
      }
      assertThat(held).hasSize(10);
    }
  }
}
