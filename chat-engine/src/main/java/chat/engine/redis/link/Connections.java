package chat.engine.redis.link;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;
import org.apache.commons.pool2.BasePooledObjectFactory;
import org.apache.commons.pool2.PooledObject;
import org.apache.commons.pool2.impl.DefaultPooledObject;
import redis.clients.jedis.Connection;
import redis.clients.jedis.ConnectionPool;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Makes connections for a pool, and retires those that are old: an address may lead to another
 * server without a word to the connections that are open. Thread-safe.
 */
public final class Connections extends BasePooledObjectFactory<Connection> {
  private static final Duration MAX_AGE = Duration.ofSeconds(60);
  private static final int MAX_CONNECTIONS = 8;

  private final Supplier<Connection> opener;

  private Connections(Supplier<Connection> opener) {
    this.opener = opener;
  }

  public static ConnectionPool pool(Supplier<Connection> opener, int timeoutMillis) {
    return new ConnectionPool(new Connections(opener), config(timeoutMillis));
  }

  public static ConnectionPoolConfig config(int timeoutMillis) {
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxTotal(MAX_CONNECTIONS);
    pool.setMaxIdle(MAX_CONNECTIONS);
    pool.setMaxWait(Duration.ofMillis(timeoutMillis));
    // A connection that broke while it lay idle must not cost the next caller its call.
    pool.setTestOnBorrow(false);
    pool.setTestWhileIdle(true);
    pool.setNumTestsPerEvictionRun(-1);
    pool.setTimeBetweenEvictionRuns(Duration.ofSeconds(1));
    return pool;
  }

  @Override
  public Connection create() {
    return opener.get();
  }

  @Override
  public PooledObject<Connection> wrap(Connection connection) {
    return new DefaultPooledObject<>(connection);
  }

  @Override
  public boolean validateObject(PooledObject<Connection> pooled) {
    if (pooled.getCreateInstant().plus(MAX_AGE).isBefore(Instant.now())) {
      return false;
    }
    try {
      return pooled.getObject().isConnected() && pooled.getObject().ping();
    } catch (JedisException broken) {
      return false;
    }
  }

  @Override
  public void destroyObject(PooledObject<Connection> pooled) {
    cut(pooled.getObject());
  }

  /** Closes the socket, from any thread, without waiting for anything that is still to be sent. */
  public static void cut(Connection connection) {
    try {
      connection.forceDisconnect();
    } catch (IOException gone) {
      // It is not connected any more, which is what was wanted.
    }
  }
}
