package chat.engine.redis;

import chat.engine.spi.MachineIdLeases;
import chat.engine.spi.StoreUnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Machine-id leases in Redis, for 30 s by its clock. The time that was used stays when a lease has
 * ended, unless Redis itself forgets: then the leases are lost too, and their holders stop. Of the
 * two kinds of leases prefer those of the store, unless machine ids must be had while it is away.
 * Thread-safe; blocks for at most 1 s a round trip.
 */
public final class RedisMachineIdLeases implements MachineIdLeases {
  private static final Logger log = LoggerFactory.getLogger(RedisMachineIdLeases.class);
  private static final Duration TIME_TO_LIVE = Duration.ofSeconds(30);
  private static final int TIMEOUT_MILLIS = 1_000;
  private static final int MACHINES = 1 << 16;

  // KEYS: lease, used time. ARGV: token, ttl in ms.
  private static final String ACQUIRE =
      "if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then"
          + " return redis.call('GET', KEYS[2]) or '0' end return false";

  // ARGV: token, ttl in ms, used time. The used time only grows.
  private static final String RENEW =
      "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return false end"
          + " redis.call('PEXPIRE', KEYS[1], ARGV[2])"
          + " local used = redis.call('GET', KEYS[2]) or '0'"
          + " if tonumber(ARGV[3]) > tonumber(used) then used = ARGV[3] redis.call('SET', KEYS[2], used) end"
          + " return used";

  // ARGV: token, used time.
  private static final String RELEASE =
      "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[2], ARGV[2])"
          + " return redis.call('DEL', KEYS[1]) end return 0";

  private final RedisLink link;
  private final String namespace;

  private RedisMachineIdLeases(RedisLink link, String namespace) {
    this.link = link;
    this.namespace = RedisKeys.requireNamespace(namespace);
  }

  /** In one Redis, below the given namespace. */
  public static RedisMachineIdLeases open(String uri, String namespace) {
    return new RedisMachineIdLeases(new StandaloneLink(uri, TIMEOUT_MILLIS), namespace);
  }

  /** In a Redis Cluster; addresses as {@code host:port}. */
  public static RedisMachineIdLeases openCluster(Set<String> addresses, String namespace) {
    return new RedisMachineIdLeases(new ClusterLink(addresses, TIMEOUT_MILLIS), namespace);
  }

  @Override
  public Duration timeToLive() {
    return TIME_TO_LIVE;
  }

  @Override
  public Lease acquire(String owner) {
    String token = owner + " " + UUID.randomUUID();
    // From a random place on: in a cluster of a few hundred nodes the first try nearly always
    // succeeds.
    int start = ThreadLocalRandom.current().nextInt(MACHINES);
    for (int tried = 0; tried < MACHINES; tried++) {
      int machineId = (start + tried) % MACHINES;
      Object used = eval(ACQUIRE, machineId, List.of(token, ttl()));
      if (used != null) {
        return new Lease(machineId, token, Long.parseLong(used.toString()));
      }
    }
    throw new IllegalStateException("all " + MACHINES + " machine ids are taken");
  }

  @Override
  public Optional<Lease> renew(Lease lease, long usedTime) {
    Object used =
        eval(RENEW, lease.machineId(), List.of(lease.token(), ttl(), Long.toString(usedTime)));
    return used == null
        ? Optional.empty()
        : Optional.of(new Lease(lease.machineId(), lease.token(), Long.parseLong(used.toString())));
  }

  @Override
  public void release(Lease lease, long usedTime) {
    try {
      Object released =
          eval(RELEASE, lease.machineId(), List.of(lease.token(), Long.toString(usedTime)));
      log.trace("released {} lease", released);
    } catch (StoreUnavailableException endsByItself) {
      log.debug(
          "machine id {} could not be released; its lease ends by itself",
          lease.machineId(),
          endsByItself);
    }
  }

  private static String ttl() {
    return Long.toString(TIME_TO_LIVE.toMillis());
  }

  private @Nullable Object eval(String script, int machineId, List<String> arguments) {
    // The braces put both keys into one slot of a cluster.
    String key = "{" + namespace + ":machine:" + machineId + "}";
    try {
      return link.commands().eval(script, List.of(key + ":lease", key + ":used"), arguments);
    } catch (JedisException fault) {
      throw new StoreUnavailableException("Redis cannot be reached: " + fault.getMessage(), fault);
    }
  }

  @Override
  public void close() {
    link.close();
  }
}
