package chat.engine.redis.link;

import java.util.List;
import java.util.function.Consumer;
import redis.clients.jedis.UnifiedJedis;

/**
 * The connections to Redis: what differs between one server, one behind Sentinels, and a Redis
 * Cluster. Connects when it is first used, so a link can be made while Redis is away. Thread-safe;
 * everything blocks, up to the time-outs.
 */
public interface RedisLink extends AutoCloseable {
  /** For single commands beside the routing table. */
  UnifiedJedis commands();

  /**
   * Sends the commands in one round trip to each server concerned, and waits for all replies.
   *
   * @throws RedisFailure if some of the replies did not arrive, or came from a server that is the
   *     wrong one; then its connections are closed, so that the next call connects again. Other
   *     refusals are among the replies
   */
  Replies call(List<Command> commands);

  /** The command that publishes on a channel to which {@link #subscribe} subscribes. */
  Command publication(String channel, byte[] payload);

  /** Whether one command may name keys that a Redis Cluster would keep on different servers. */
  boolean joinsKeys();

  /**
   * Whether the address now leads to another server than the one that it last led to. Blocks if it
   * has to ask somebody.
   */
  boolean hasMoved();

  /** Closes the connections, so that later calls connect to where the address then leads. */
  void leave();

  /**
   * Connects for a subscription; does not subscribe yet.
   *
   * @throws RedisFailure if that is not possible
   */
  Subscription subscribe(String channel, Consumer<byte[]> onPayload, Runnable onSubscribed);

  @Override
  void close();

  /** A connection that belongs to one channel. */
  interface Subscription {
    /**
     * Subscribes and delivers on this thread, until Redis ends the subscription.
     *
     * @throws RedisFailure when the connection breaks or is cut, or Redis refuses
     */
    void run();

    /** Breaks the connection, from any thread. Idempotent; does not block. */
    void cut();
  }
}
