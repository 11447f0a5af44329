package chat.engine.redis;

import chat.engine.redis.link.ClusterLink;
import chat.engine.redis.link.JedisVersion;
import chat.engine.redis.link.RedisLink;
import chat.engine.redis.link.StandaloneLink;
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
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Machine-id leases in Redis, for 30 s by its clock. Keys, below the namespace: {@code
 * <ns>:machine:{<id>}:lease}, a string that expires, and {@code <ns>:machine:{<id>}:used}, the used
 * time, which stays.
 *
 * <p>Redis may forget both: in a restart without persistence, in a failover to a replica that is
 * behind, or by eviction. Holders stop at their next renewal, within 10 s. Until then a new holder
 * could repeat their ids if it got the same machine id, which it picks at random among 65,536. A
 * database does not forget: prefer the leases of the PostgreSQL store, unless machine ids must be
 * had while the database is away.
 *
 * <p>Thread-safe; blocks for at most 1 s per round trip.
 */
public final class RedisMachineIdLeases implements MachineIdLeases {
  private static final Logger log = LoggerFactory.getLogger(RedisMachineIdLeases.class);
  private static final Duration TIME_TO_LIVE = Duration.ofSeconds(30);
  private static final int TIMEOUT_MILLIS = 1_000;
  private static final int MACHINES = 1 << 16;

  // KEYS: lease, used time. ARGV: token, ttl in ms, now.
  // Nil: held. {0, used}: free, but used up to a time that is ahead. {1, used}: taken.
  private static final String ACQUIRE =
      "if redis.call('EXISTS', KEYS[1]) == 1 then return false end"
          + " local used = redis.call('GET', KEYS[2])"
          + " if used and tonumber(used) >= tonumber(ARGV[3]) then return {0, used} end"
          + " redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])"
          + " return {1, used or '0'}";

  // ARGV: token, ttl in ms, used time. Nil if another holds it. The first write needs no memory:
  // after it Redis carries out the second even if it is full.
  private static final String RENEW =
      "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return false end"
          + " redis.call('PEXPIRE', KEYS[1], ARGV[2])"
          + " local used = redis.call('GET', KEYS[2]) or '0'"
          + " if tonumber(ARGV[3]) > tonumber(used) then used = ARGV[3] redis.call('SET', KEYS[2], used) end"
          + " return used";

  // ARGV: token, used time.
  private static final String RELEASE =
      "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end"
          + " redis.call('DEL', KEYS[1])"
          + " local used = redis.call('GET', KEYS[2]) or '0'"
          + " if tonumber(ARGV[2]) > tonumber(used) then redis.call('SET', KEYS[2], ARGV[2]) end"
          + " return 1";

  private final RedisLink link;
  private final String namespace;
  private final int machines;

  private RedisMachineIdLeases(RedisLink link, String namespace, int machines) {
    this.link = link;
    this.namespace = RedisKeys.requireNamespace(namespace);
    this.machines = machines;
  }

  /** In one Redis, below the given namespace. */
  public static RedisMachineIdLeases open(String uri, String namespace) {
    return open(uri, namespace, MACHINES);
  }

  /**
   * As {@link #open(String, String)}, in a cluster with few machine ids.
   *
   * @param machines how many there are
   */
  static RedisMachineIdLeases open(String uri, String namespace, int machines) {
    JedisVersion.requireSupported();
    return new RedisMachineIdLeases(new StandaloneLink(uri, TIMEOUT_MILLIS), namespace, machines);
  }

  /** In a Redis Cluster; addresses as {@code host:port}. */
  public static RedisMachineIdLeases openCluster(Set<String> addresses, String namespace) {
    JedisVersion.requireSupported();
    return new RedisMachineIdLeases(
        new ClusterLink(addresses, TIMEOUT_MILLIS), namespace, MACHINES);
  }

  @Override
  public Duration timeToLive() {
    return TIME_TO_LIVE;
  }

  @Override
  public Lease acquire(String owner, long now) {
    String token = owner + " " + UUID.randomUUID();
    // From a random place on: in a cluster of a few hundred nodes the first try nearly always
    // succeeds.
    int start = ThreadLocalRandom.current().nextInt(machines);
    Lease leastAhead = null;
    for (int tried = 0; tried < machines; tried++) {
      int machineId = (start + tried) % machines;
      Attempt attempt = attempt(machineId, token, now);
      if (attempt.taken()) {
        return new Lease(machineId, token, attempt.usedTime());
      }
      if (attempt.free() && (leastAhead == null || attempt.usedTime() < leastAhead.usedTime())) {
        leastAhead = new Lease(machineId, token, attempt.usedTime());
      }
    }
    if (leastAhead != null
        && attempt(leastAhead.machineId(), token, leastAhead.usedTime() + 1).taken()) {
      return leastAhead;
    }
    throw new IllegalStateException("all " + machines + " machine ids are taken");
  }

  /** What became of an attempt to take a machine id: it was held, or free, and then maybe taken. */
  private record Attempt(boolean free, boolean taken, long usedTime) {}

  private Attempt attempt(int machineId, String token, long now) {
    Object reply = eval(ACQUIRE, machineId, List.of(token, ttl(), Long.toString(now)));
    if (reply == null) {
      return new Attempt(false, false, 0);
    }
    if (reply instanceof List<?> free && free.size() == 2) {
      return new Attempt(true, Long.valueOf(1).equals(free.get(0)), number(free.get(1)));
    }
    throw unexpected(reply);
  }

  @Override
  public Optional<Lease> renew(Lease lease, long usedTime) {
    Object used =
        eval(RENEW, lease.machineId(), List.of(lease.token(), ttl(), Long.toString(usedTime)));
    return used == null
        ? Optional.empty()
        : Optional.of(new Lease(lease.machineId(), lease.token(), number(used)));
  }

  @Override
  public void release(Lease lease, long usedTime) {
    try {
      Object released =
          eval(RELEASE, lease.machineId(), List.of(lease.token(), Long.toString(usedTime)));
      log.trace("released {} lease", released);
    } catch (RuntimeException endsByItself) {
      log.debug(
          "machine id {} could not be released; its lease will expire",
          lease.machineId(),
          endsByItself);
    }
  }

  private static String ttl() {
    return Long.toString(TIME_TO_LIVE.toMillis());
  }

  private static long number(Object reply) {
    try {
      return Long.parseLong(reply.toString());
    } catch (NumberFormatException other) {
      throw unexpected(reply);
    }
  }

  private static StoreUnavailableException unexpected(Object reply) {
    return new StoreUnavailableException(
        "Redis answered something unexpected about a machine id: " + reply, null);
  }

  private @Nullable Object eval(String script, int machineId, List<String> arguments) {
    // The braces put both keys into one slot of a cluster.
    String key = namespace + ":machine:{" + machineId + "}";
    try {
      return link.commands().eval(script, List.of(key + ":lease", key + ":used"), arguments);
    } catch (JedisDataException refused) { // READONLY, OOM, LOADING, NOPERM, WRONGTYPE
      throw new StoreUnavailableException(
          "Redis refused a machine-id lease: " + refused.getMessage(), refused);
    } catch (JedisException fault) {
      Throwable cause = fault.getCause() == null ? fault : fault.getCause();
      throw new StoreUnavailableException("Redis cannot be reached: " + cause.getMessage(), fault);
    }
  }

  @Override
  public void close() {
    link.close();
  }
}
