package chat.engine.redis;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import redis.clients.jedis.AbstractPipeline;
import redis.clients.jedis.UnifiedJedis;

/**
 * What differs between one Redis and a Redis Cluster. Thread-safe; everything blocks, up to the
 * time-outs.
 */
interface RedisLink extends AutoCloseable {
  UnifiedJedis commands();

  AbstractPipeline pipeline();

  /** Publishes in order, in one round trip. */
  void publish(List<Frame> frames);

  /** A payload on its way to a channel. */
  record Frame(String channel, byte[] payload) {
    byte[] channelBytes() {
      return channel.getBytes(StandardCharsets.UTF_8);
    }
  }

  /** Connects for a subscription; does not subscribe yet. */
  Subscription connect(String channel, Consumer<byte[]> onPayload, Runnable onSubscribed);

  @Override
  void close();

  /** A connection that belongs to one channel. */
  interface Subscription {
    /** Subscribes and delivers on this thread, until the connection breaks or is cut. */
    void run();

    /** Breaks the connection, from any thread. Idempotent. */
    void cut();
  }
}
