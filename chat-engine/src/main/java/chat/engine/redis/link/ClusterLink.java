package chat.engine.redis.link;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.BinaryJedisShardedPubSub;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.providers.ClusterConnectionProvider;
import redis.clients.jedis.util.JedisClusterCRC16;

/**
 * A Redis Cluster (7 or newer), with sharded pub/sub: a plain PUBLISH would go to every node of the
 * cluster, SPUBLISH only to the shard of the channel. When a shard moves, the subscription ends or
 * falls silent, and the node makes it again.
 *
 * <p>Commands are grouped by server; all groups are sent before the first reply is awaited. A reply
 * that says that the key is elsewhere makes the link read the map of the slots again and repeat
 * those commands once.
 */
public final class ClusterLink implements RedisLink {
  private static final Set<String> ELSEWHERE =
      Set.of("MOVED", "ASK", "READONLY", "MASTERDOWN", "LOADING");

  private final Set<HostAndPort> nodes;
  private final JedisClientConfig config;
  private final int timeoutMillis;
  private final AtomicBoolean mapIsOld = new AtomicBoolean();
  private @Nullable ClusterConnectionProvider provider;
  private boolean closed;

  /** By some of the cluster's nodes, as {@code host:port}. */
  public ClusterLink(Set<String> addresses, int timeoutMillis) {
    this(
        addresses.stream().map(HostAndPort::from).collect(Collectors.toSet()),
        DefaultJedisClientConfig.builder().timeoutMillis(timeoutMillis).build(),
        timeoutMillis);
  }

  public ClusterLink(Set<HostAndPort> nodes, JedisClientConfig config, int timeoutMillis) {
    this.nodes = Set.copyOf(nodes);
    this.config = config;
    this.timeoutMillis = timeoutMillis;
  }

  /** Connects at the first call that finds the cluster there. */
  private synchronized ClusterConnectionProvider provider() {
    if (closed) {
      throw RedisFailure.unreachable("the link is closed");
    }
    ClusterConnectionProvider connected = provider;
    if (connected == null) {
      try {
        connected = new ClusterConnectionProvider(nodes, config, Connections.config(timeoutMillis));
      } catch (JedisException fault) {
        throw RedisFailure.of(fault);
      }
      provider = connected;
    } else if (mapIsOld.getAndSet(false)) {
      connected.renewSlotCache();
    }
    return connected;
  }

  @Override
  public UnifiedJedis commands() {
    return RedisClusterClient.builder()
        .nodes(nodes)
        .clientConfig(config)
        .connectionProvider(provider())
        .maxAttempts(3)
        .build();
  }

  @Override
  public Replies call(List<Command> commands) {
    @Nullable Object[] replies = new Object[commands.size()];
    List<Integer> all = new ArrayList<>(commands.size());
    for (int i = 0; i < commands.size(); i++) {
      all.add(i);
    }
    send(commands, all, replies);
    List<Integer> elsewhere = new ArrayList<>();
    for (int i : all) {
      if (replies[i] instanceof RedisFailure refused && ELSEWHERE.contains(refused.code())) {
        elsewhere.add(i);
      }
    }
    if (!elsewhere.isEmpty()) {
      leave();
      send(commands, elsewhere, replies);
    }
    List<@Nullable Object> list = new ArrayList<>(replies.length);
    Collections.addAll(list, replies);
    return new Replies(list);
  }

  private void send(List<Command> commands, List<Integer> which, @Nullable Object[] replies) {
    ClusterConnectionProvider cluster = provider();
    Map<HostAndPort, List<Integer>> byServer = new LinkedHashMap<>();
    for (int i : which) {
      HostAndPort server = cluster.getNode(JedisClusterCRC16.getSlot(commands.get(i).key()));
      if (server == null) {
        mapIsOld.set(true);
        throw RedisFailure.unreachable("no server of the cluster has the slot of a key");
      }
      byServer.computeIfAbsent(server, unused -> new ArrayList<>()).add(i);
    }
    Map<HostAndPort, Connection> connections = new HashMap<>();
    try {
      byServer.forEach(
          (server, part) -> {
            Connection connection = cluster.getConnection(server);
            connections.put(server, connection);
            part.forEach(i -> connection.sendCommand(commands.get(i).encoded()));
            connection.getMany(0); // flushes
          });
      byServer.forEach(
          (server, part) -> {
            Connection connection = connections.get(server);
            List<@Nullable Object> read =
                StandaloneLink.read(Objects.requireNonNull(connection), part.size());
            for (int i = 0; i < part.size(); i++) {
              replies[part.get(i)] = read.get(i);
            }
          });
    } catch (JedisException broken) {
      connections.values().forEach(Connection::setBroken); // replies may be left in them
      leave();
      throw RedisFailure.of(broken);
    } finally {
      connections.values().forEach(Connection::close);
    }
  }

  @Override
  public Command publication(String channel, byte[] payload) {
    return Command.publish(Protocol.Command.SPUBLISH, channel, payload);
  }

  @Override
  public boolean joinsKeys() {
    return false;
  }

  @Override
  public boolean hasMoved() {
    return false; // each server says itself which slots it no longer has
  }

  @Override
  public synchronized void leave() {
    mapIsOld.set(true);
    if (provider != null) {
      provider.getNodes().values().forEach(pool -> pool.clear());
    }
  }

  @Override
  public Subscription subscribe(String channel, Consumer<byte[]> onPayload, Runnable onSubscribed) {
    byte[] name = channel.getBytes(StandardCharsets.UTF_8);
    Connection connection;
    try {
      connection = provider().getConnectionFromSlot(JedisClusterCRC16.getSlot(name));
    } catch (JedisException fault) {
      mapIsOld.set(true);
      throw RedisFailure.of(fault);
    }
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
    return new ConnectedSubscription(
        connection,
        () -> {
          try {
            listener.proceed(connection, name);
          } finally {
            mapIsOld.set(true);
          }
        });
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (provider != null) {
      provider.close();
    }
  }
}
