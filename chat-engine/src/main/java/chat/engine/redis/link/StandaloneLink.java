package chat.engine.redis.link;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.BinaryJedisPubSub;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.ConnectionPool;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.providers.ConnectionProvider;

/** One Redis, with plain pub/sub; where it is may change. */
public final class StandaloneLink implements RedisLink {
  private final Endpoint endpoint;
  private final JedisClientConfig config;
  private final ConnectionPool pool;

  /** Counts how often the server was left; connections that are in use meanwhile are not kept. */
  private final AtomicLong generation = new AtomicLong();

  private volatile @Nullable HostAndPort lastAddress;

  /** At a fixed address, as {@link ServerUri#parse} reads it. */
  public StandaloneLink(String uri, int timeoutMillis) {
    this(ServerUri.parse(uri), timeoutMillis);
  }

  private StandaloneLink(ServerUri uri, int timeoutMillis) {
    this(Endpoint.fixed(uri.address()), uri.config(timeoutMillis), timeoutMillis);
  }

  public StandaloneLink(Endpoint endpoint, JedisClientConfig config, int timeoutMillis) {
    this.endpoint = endpoint;
    this.config = config;
    this.pool = Connections.pool(this::open, timeoutMillis);
  }

  private Connection open() {
    HostAndPort address = endpoint.current();
    lastAddress = address;
    return new Connection(address, config);
  }

  @Override
  public UnifiedJedis commands() {
    return RedisClient.builder()
        .hostAndPort(endpoint.current())
        .clientConfig(config)
        .connectionProvider(new Pooled())
        .build();
  }

  /** Gives the connections of the link to a client that does not own them. */
  private final class Pooled implements ConnectionProvider {
    @Override
    public Connection getConnection() {
      return pool.getResource();
    }

    @Override
    public Connection getConnection(CommandArguments unused) {
      return pool.getResource();
    }

    @Override
    public void close() {
      // The pool belongs to the link.
    }
  }

  @Override
  public Replies call(List<Command> commands) {
    long begun = generation.get();
    RedisFailure fault;
    try (Connection connection = pool.getResource()) {
      try {
        commands.forEach(command -> connection.sendCommand(command.encoded()));
        List<@Nullable Object> replies = read(connection, commands.size());
        RedisFailure wrongServer = firstFromWrongServer(replies);
        if (wrongServer == null) {
          return new Replies(replies);
        }
        fault = wrongServer;
        connection.setBroken();
      } finally {
        if (generation.get() != begun) {
          connection.setBroken();
        }
      }
    } catch (JedisException broken) {
      fault = failure(broken);
    }
    if (fault.kind() != RedisFailure.Kind.REFUSED) {
      leave();
    }
    throw fault;
  }

  public static List<@Nullable Object> read(Connection connection, int count) {
    List<@Nullable Object> replies = new ArrayList<>(connection.getMany(count));
    replies.replaceAll(
        reply -> reply instanceof JedisDataException refused ? RedisFailure.of(refused) : reply);
    return replies;
  }

  private RedisFailure failure(JedisException fault) {
    String address = String.valueOf(lastAddress);
    return RedisFailure.of(fault).at(config.isSsl() ? address + ", with TLS" : address);
  }

  private static @Nullable RedisFailure firstFromWrongServer(List<@Nullable Object> replies) {
    for (Object reply : replies) {
      if (reply instanceof RedisFailure failure
          && failure.kind() == RedisFailure.Kind.WRONG_SERVER) {
        return failure;
      }
    }
    return null;
  }

  @Override
  public Command publication(String channel, byte[] payload) {
    return Command.publish(Protocol.Command.PUBLISH, channel, payload);
  }

  @Override
  public boolean joinsKeys() {
    return true;
  }

  @Override
  public boolean hasMoved() {
    HostAndPort last = lastAddress;
    try {
      return last != null && !last.equals(endpoint.current());
    } catch (RedisFailure nobodyKnows) {
      return false; // what works is kept
    }
  }

  @Override
  public void leave() {
    generation.incrementAndGet();
    pool.clear();
  }

  @Override
  public Subscription subscribe(String channel, Consumer<byte[]> onPayload, Runnable onSubscribed) {
    Connection connection;
    try {
      connection = open();
    } catch (JedisException fault) {
      throw failure(fault);
    }
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
    return new ConnectedSubscription(
        connection, () -> listener.proceed(connection, channel.getBytes(StandardCharsets.UTF_8)));
  }

  @Override
  public void close() {
    pool.close();
  }
}
