package chat.engine.redis.link;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisException;

/**
 * The master that a group of Redis Sentinels agreed on. Each question goes to one Sentinel after
 * the other until one knows. Thread-safe; blocks for at most the time-out for each Sentinel.
 *
 * @see <a href="https://redis.io/docs/latest/develop/reference/sentinel-clients/">Guidelines for
 *     Redis clients with support for Redis Sentinel</a>
 */
public final class SentinelEndpoint implements Endpoint {
  private final String master;
  private final List<ServerUri> sentinels;
  private final int timeoutMillis;

  public SentinelEndpoint(String master, List<ServerUri> sentinels, int timeoutMillis) {
    if (sentinels.isEmpty()) {
      throw new IllegalArgumentException("at least one Sentinel is needed");
    }
    this.master = master;
    this.sentinels = List.copyOf(sentinels);
    this.timeoutMillis = timeoutMillis;
  }

  @Override
  public HostAndPort current() {
    List<ServerUri> inAnyOrder = new ArrayList<>(sentinels);
    Collections.shuffle(inAnyOrder);
    List<String> failures = new ArrayList<>();
    for (ServerUri sentinel : inAnyOrder) {
      try (Jedis asked = new Jedis(sentinel.address(), sentinel.config(timeoutMillis))) {
        @Nullable List<String> answer = asked.sentinelGetMasterAddrByName(master);
        if (answer != null && answer.size() == 2) {
          return new HostAndPort(answer.get(0), Integer.parseInt(answer.get(1)));
        }
        failures.add(sentinel.address() + " does not know a master of the name " + master);
      } catch (JedisException fault) {
        failures.add(sentinel.address() + ": " + RedisFailure.of(fault).getMessage());
      }
    }
    throw RedisFailure.unreachable(
        "no Sentinel says where the master is: " + String.join("; ", failures));
  }
}
