package chat.engine.redis.link;

import redis.clients.jedis.HostAndPort;

/** Where the server is that takes writes. Thread-safe. */
public interface Endpoint {
  /**
   * Where it is now; may ask over the network.
   *
   * @throws RedisFailure if nobody can say
   */
  HostAndPort current();

  static Endpoint fixed(HostAndPort address) {
    return () -> address;
  }
}
