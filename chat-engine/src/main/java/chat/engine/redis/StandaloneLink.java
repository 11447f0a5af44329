package chat.engine.redis;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import redis.clients.jedis.AbstractPipeline;
import redis.clients.jedis.BinaryJedisPubSub;
import redis.clients.jedis.Connection;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.util.JedisURIHelper;

/** One Redis, with plain pub/sub. */
final class StandaloneLink implements RedisLink {
  private final HostAndPort address;
  private final JedisClientConfig config;
  private final RedisClient client;

  StandaloneLink(String uri, int timeoutMillis) {
    URI parsed = URI.create(uri);
    if (!JedisURIHelper.isValid(parsed)) {
      throw new IllegalArgumentException(
          "a Redis address looks like redis://host:6379 or rediss://user:password@host:6379/0");
    }
    this.address = JedisURIHelper.getHostAndPort(parsed);
    this.config =
        DefaultJedisClientConfig.builder()
            .user(JedisURIHelper.getUser(parsed))
            .password(JedisURIHelper.getPassword(parsed))
            .database(JedisURIHelper.getDBIndex(parsed))
            .ssl(JedisURIHelper.isRedisSSLScheme(parsed))
            .timeoutMillis(timeoutMillis)
            .build();
    this.client =
        RedisClient.builder()
            .hostAndPort(address)
            .clientConfig(config)
            .poolConfig(pool(timeoutMillis))
            .build();
  }

  static ConnectionPoolConfig pool(int timeoutMillis) {
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxTotal(8);
    pool.setMaxIdle(8);
    pool.setMaxWait(Duration.ofMillis(timeoutMillis));
    // A connection that broke while it lay idle must not cost the next caller its call.
    pool.setTestOnBorrow(false);
    pool.setTestWhileIdle(true);
    pool.setTimeBetweenEvictionRuns(Duration.ofSeconds(1));
    return pool;
  }

  @Override
  public UnifiedJedis commands() {
    return client;
  }

  @Override
  public AbstractPipeline pipeline() {
    return client.pipelined();
  }

  @Override
  public void publish(List<Frame> frames) {
    try (AbstractPipeline pipeline = pipeline()) {
      frames.forEach(frame -> pipeline.publish(frame.channelBytes(), frame.payload()));
      pipeline.sync();
    }
  }

  @Override
  public Subscription connect(String channel, Consumer<byte[]> onPayload, Runnable onSubscribed) {
    Connection connection = new Connection(address, config);
    BinaryJedisPubSub listener =
        new BinaryJedisPubSub() {
          @Override
          public void onMessage(byte[] from, byte[] payload) {
            onPayload.accept(payload);
          }

          @Override
          public void onSubscribe(byte[] to, int count) {
            onSubscribed.run();
          }
        };
    return new Subscription() {
      @Override
      public void run() {
        listener.proceed(connection, channel.getBytes(StandardCharsets.UTF_8));
      }

      @Override
      public void cut() {
        connection.disconnect();
      }
    };
  }

  @Override
  public void close() {
    client.close();
  }
}
