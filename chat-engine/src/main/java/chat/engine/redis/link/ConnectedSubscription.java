package chat.engine.redis.link;

import redis.clients.jedis.Connection;
import redis.clients.jedis.exceptions.JedisException;

/** A subscription on a connection that serves nothing else. */
public final class ConnectedSubscription implements RedisLink.Subscription {
  private final Connection connection;
  private final Runnable listening;
  private volatile boolean cut;

  public ConnectedSubscription(Connection connection, Runnable listening) {
    this.connection = connection;
    this.listening = listening;
  }

  @Override
  public void run() {
    try {
      if (cut) {
        return; // or Jedis would connect again
      }
      listening.run();
    } catch (JedisException ended) {
      throw RedisFailure.of(ended);
    } finally {
      cut();
      connection.close(); // of a pool, it is broken now and will not be used again
    }
  }

  @Override
  public void cut() {
    cut = true;
    Connections.cut(connection);
  }
}
