package chat.engine.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.contract.MachineIdLeasesContract;
import chat.engine.spi.MachineIdLeases;
import chat.engine.spi.MachineIdLeases.Lease;
import chat.engine.spi.StoreUnavailableException;
import chat.engine.testing.PrivateRedis;
import chat.engine.testing.TestRedis;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

final class RedisMachineIdLeasesTest extends MachineIdLeasesContract {
  private static final long NOW = 35_000_000_000L;

  private final String uri = TestRedis.sharedUri().toString();
  private final String namespace = "test-" + UUID.randomUUID();
  private final List<MachineIdLeases> opened = new ArrayList<>();
  private final MachineIdLeases leases = opened(RedisMachineIdLeases.open(uri, namespace));

  private MachineIdLeases opened(MachineIdLeases leases) {
    opened.add(leases);
    return leases;
  }

  @Override
  protected MachineIdLeases leases() {
    return leases;
  }

  @Override
  protected MachineIdLeases leasesOf(int machines) {
    return opened(RedisMachineIdLeases.open(uri, "few-" + UUID.randomUUID(), machines));
  }

  @AfterEach
  void close() {
    opened.forEach(MachineIdLeases::close);
  }

  @Test
  void allKeysLieBelowTheNamespace() {
    Lease lease = leases.acquire("test", NOW);
    leases.renew(lease, NOW);
    try (Jedis jedis = new Jedis(TestRedis.sharedUri())) {
      assertThat(jedis.keys(namespace + ":*"))
          .containsExactlyInAnyOrder(
              namespace + ":machine:{" + lease.machineId() + "}:lease",
              namespace + ":machine:{" + lease.machineId() + "}:used");
      assertThat(jedis.keys("*" + namespace + "*")).hasSize(2);
    }
  }

  @Test
  void aRedisThatRefusesWritesIsUnavailableAndSaysWhy() {
    try (PrivateRedis redis = TestRedis.startPrivate();
        Jedis jedis = new Jedis(redis.uri());
        MachineIdLeases own = RedisMachineIdLeases.open(redis.uri().toString(), "chat")) {
      Lease lease = own.acquire("test", NOW);
      jedis.configSet("maxmemory", "1");
      assertThatThrownBy(() -> own.acquire("test", NOW))
          .isInstanceOf(StoreUnavailableException.class)
          .hasMessageContaining("OOM");
      jedis.configSet("maxmemory", "0");
      jedis.replicaof("127.0.0.1", 1);
      assertThatThrownBy(() -> own.acquire("test", NOW))
          .isInstanceOf(StoreUnavailableException.class)
          .hasMessageContaining("READONLY");
      assertThatThrownBy(() -> own.renew(lease, NOW))
          .isInstanceOf(StoreUnavailableException.class)
          .hasMessageContaining("READONLY");
      own.release(lease, NOW); // never throws
      jedis.replicaofNoOne();
      assertThat(own.renew(lease, NOW)).isPresent();
    }
  }

  @Test
  void keysThatSomebodyElseHasWrittenAreUnavailable() {
    Lease lease = leases.acquire("test", NOW);
    String used = namespace + ":machine:{" + lease.machineId() + "}:used";
    try (Jedis jedis = new Jedis(TestRedis.sharedUri())) {
      jedis.rpush(used, "a list");
      assertThatThrownBy(() -> leases.renew(lease, NOW))
          .isInstanceOf(StoreUnavailableException.class)
          .hasMessageContaining("WRONGTYPE");
      jedis.del(used);
      jedis.set(used, "1e99");
      assertThatThrownBy(() -> leases.renew(lease, NOW))
          .isInstanceOf(StoreUnavailableException.class)
          .hasMessageContaining("1e99");
      jedis.set(used, "no number");
      assertThatThrownBy(() -> leases.renew(lease, NOW))
          .isInstanceOf(StoreUnavailableException.class);
    }
  }

  @Test
  void aRedisThatIsAwayIsUnavailable() {
    PrivateRedis redis = TestRedis.startPrivate();
    try (MachineIdLeases own = RedisMachineIdLeases.open(redis.uri().toString(), "chat")) {
      Lease lease = own.acquire("test", NOW);
      redis.close();
      assertThatThrownBy(() -> own.acquire("test", NOW))
          .isInstanceOf(StoreUnavailableException.class);
      assertThatThrownBy(() -> own.renew(lease, NOW)).isInstanceOf(StoreUnavailableException.class);
      own.release(lease, NOW);
    }
  }
}
