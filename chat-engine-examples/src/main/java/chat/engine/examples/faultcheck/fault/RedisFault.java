package chat.engine.examples.faultcheck.fault;

import chat.engine.examples.faultcheck.world.World;
import chat.engine.examples.local.RedisProcess;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.args.ClientType;
import redis.clients.jedis.params.ClientKillParams;

/** A fault of Redis itself. */
final class RedisFault implements Fault {
  private static final int FOREIGN_KEYS = 3_000;
  private static final String FOREIGN = "foreign:";
  private static final long MEMORY_LEFT_BYTES = 400_000;

  private final FaultKind kind;
  private final World world;
  private final Random random;

  RedisFault(FaultKind kind, World world, Random random) {
    this.kind = kind;
    this.world = world;
    this.random = random;
  }

  @Override
  public void begin() {
    RedisProcess redis = world.activeRedis();
    switch (kind) {
      case REDIS_RESTART -> redis.stop();
      case REDIS_FLUSH -> redis.tell(Jedis::flushAll);
      case REDIS_DELETE -> redis.tell(jedis -> someKeys(jedis).forEach(jedis::del));
      case REDIS_WRONG_TYPE ->
          redis.tell(jedis -> someKeys(jedis).forEach(key -> spoil(jedis, key)));
      case REDIS_EVICT -> redis.tell(this::evict);
      case REDIS_REFUSE -> redis.tell(jedis -> jedis.configSet("maxmemory", "1"));
      case REDIS_READ_ONLY -> redis.tell(jedis -> jedis.replicaof("127.0.0.1", 1));
      case REDIS_MASTER_DOWN -> {
        redis.tell(jedis -> jedis.configSet("replica-serve-stale-data", "no"));
        redis.tell(jedis -> jedis.replicaof("127.0.0.1", 1));
      }
      case REDIS_FAILOVER -> failOver();
      case REDIS_PAUSE -> redis.pause(true);
      case REDIS_DISCONNECT -> disconnect(redis);
      default -> throw new IllegalArgumentException("no fault of Redis: " + kind);
    }
  }

  @Override
  public void end() {
    RedisProcess redis = world.activeRedis();
    switch (kind) {
      case REDIS_RESTART -> redis.start();
      case REDIS_FLUSH -> redis.tell(Jedis::flushAll);
      case REDIS_DELETE -> redis.tell(jedis -> someKeys(jedis).forEach(jedis::del));
      case REDIS_EVICT -> {
        redis.restoreSettings();
        redis.tell(jedis -> jedis.keys(FOREIGN + "*").forEach(jedis::del));
      }
      case REDIS_PAUSE -> redis.pause(false);
      case REDIS_DISCONNECT -> disconnect(redis);
      case REDIS_REFUSE, REDIS_READ_ONLY, REDIS_MASTER_DOWN -> redis.restoreSettings();
      default -> {} // healed by the nodes alone
    }
  }

  private List<String> someKeys(Jedis jedis) {
    List<String> keys = new ArrayList<>(jedis.keys("chat*"));
    Collections.sort(keys);
    Collections.shuffle(keys, random);
    return keys.subList(0, Math.min(keys.size(), 1 + random.nextInt(6)));
  }

  private static void spoil(Jedis jedis, String key) {
    boolean isText = jedis.type(key).equals("string");
    jedis.del(key);
    if (isText) {
      jedis.sadd(key, "spoilt");
    } else {
      jedis.set(key, "spoilt");
    }
  }

  private void evict(Jedis jedis) {
    long used = RedisProcess.infoNumber(jedis, "memory", "used_memory");
    jedis.configSet("maxmemory-policy", "allkeys-lru");
    jedis.configSet("maxmemory", Long.toString(used + MEMORY_LEFT_BYTES));
    String value = "x".repeat(1_000);
    for (int i = 0; i < FOREIGN_KEYS; i++) {
      jedis.set(FOREIGN + i, value);
    }
  }

  private void failOver() {
    RedisProcess old = world.activeRedis();
    RedisProcess successor = world.passiveRedis();
    successor.restoreSettings();
    if (random.nextBoolean()) { // else it had no time to copy anything
      successor.tell(jedis -> jedis.replicaof("127.0.0.1", old.port()));
      successor.tell(
          jedis -> {
            for (int i = 0;
                i < 50 && !jedis.info("replication").contains("master_link_status:up");
                i++) {
              jedis.ping();
              java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
            }
          });
      successor.tell(Jedis::replicaofNoOne);
    } else {
      successor.tell(Jedis::flushAll);
    }
    world.switchRedis();
    old.tell(jedis -> jedis.replicaof("127.0.0.1", successor.port()));
  }

  private static void disconnect(RedisProcess redis) {
    for (ClientType type : List.of(ClientType.NORMAL, ClientType.PUBSUB)) {
      redis.tell(jedis -> jedis.clientKill(ClientKillParams.clientKillParams().type(type)));
    }
  }
}
