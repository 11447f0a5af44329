package chat.engine.redis;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import redis.clients.jedis.AbstractPipeline;
import redis.clients.jedis.BinaryJedisShardedPubSub;
import redis.clients.jedis.ClusterPipeline;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.util.JedisClusterCRC16;

/**
 * A Redis Cluster (7 or newer), with sharded pub/sub: a plain PUBLISH would go to every node of the
 * cluster, SPUBLISH only to the shard of the channel. When a shard moves, the subscription falls
 * silent and the watchdog makes it anew.
 */
final class ClusterLink implements RedisLink {
  private final RedisClusterClient client;

  ClusterLink(Set<String> addresses, int timeoutMillis) {
    Set<HostAndPort> nodes = addresses.stream().map(HostAndPort::from).collect(Collectors.toSet());
    this.client =
        RedisClusterClient.builder()
            .nodes(nodes)
            .clientConfig(DefaultJedisClientConfig.builder().timeoutMillis(timeoutMillis).build())
            .poolConfig(StandaloneLink.pool(timeoutMillis))
            .maxAttempts(3)
            .build();
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
    try (ClusterPipeline pipeline = client.pipelined()) {
      frames.forEach(frame -> pipeline.spublish(frame.channelBytes(), frame.payload()));
      pipeline.sync();
    }
  }

  @Override
  public Subscription connect(String channel, Consumer<byte[]> onPayload, Runnable onSubscribed) {
    byte[] name = channel.getBytes(StandardCharsets.UTF_8);
    Connection connection = client.getConnectionFromSlot(JedisClusterCRC16.getSlot(name));
    BinaryJedisShardedPubSub listener =
        new BinaryJedisShardedPubSub() {
          @Override
          public void onSMessage(byte[] from, byte[] payload) {
            onPayload.accept(payload);
          }

          @Override
          public void onSSubscribe(byte[] to, int count) {
            onSubscribed.run();
          }
        };
    return new Subscription() {
      @Override
      public void run() {
        try {
          listener.proceed(connection, name);
        } finally {
          connection.setBroken(); // a connection that was subscribed is of no other use
          connection.close();
        }
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
