package chat.engine.redis;

import chat.engine.spi.Publication;
import chat.engine.spi.Router;
import chat.engine.spi.RouterUnavailableException;
import chat.engine.spi.Topic;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.AbstractPipeline;
import redis.clients.jedis.Response;
import redis.clients.jedis.exceptions.JedisException;

/**
 * The reference router: one pub/sub channel a node, and a table in Redis of which node is
 * subscribed to which topic.
 *
 * <p>To publish is one look-up of the topics and one PUBLISH to each node concerned, both pipelined
 * over everything that is published together. A node holds a lease that it renews every second;
 * when the lease ends, one of the others claims the right to forget the node's topics. {@link
 * NodeLink} keeps the node's own place in the table.
 *
 * <p>Thread-safe. Calls block for at most the time-out for each round trip (1 s, and as long for a
 * connection). Redis needs no persistence: whatever it forgets the nodes tell it again.
 */
public final class RedisRouter implements Router {
  /** Below which all keys lie unless told otherwise. */
  public static final String DEFAULT_NAMESPACE = "chat";

  private static final int TIMEOUT_MILLIS = 1_000;

  private final RedisLink link;
  private volatile RedisKeys keys;
  private final NodeLink node;
  private final Set<Topic> topics = ConcurrentHashMap.newKeySet();
  private final AtomicLong commands = new AtomicLong();

  private RedisRouter(RedisLink link, String namespace) {
    this.link = link;
    this.keys = new RedisKeys(namespace);
    this.node = new NodeLink(link, keys, topics, commands);
  }

  /**
   * Over one Redis (6 or newer), such as {@code redis://localhost:6379}; {@code rediss} for TLS.
   */
  public static RedisRouter open(String uri) {
    return open(uri, DEFAULT_NAMESPACE);
  }

  /**
   * As {@link #open(String)}, in a namespace of its own: clusters with different ones do not see
   * each other.
   */
  public static RedisRouter open(String uri, String namespace) {
    return new RedisRouter(new StandaloneLink(uri, TIMEOUT_MILLIS), namespace);
  }

  /**
   * Over a Redis Cluster (7 or newer), with sharded pub/sub.
   *
   * @param addresses some of its nodes, as {@code host:port}
   */
  public static RedisRouter openCluster(Set<String> addresses, String namespace) {
    return new RedisRouter(new ClusterLink(addresses, TIMEOUT_MILLIS), namespace);
  }

  /**
   * How many commands were sent to Redis so far, heartbeats included; to see what a publication
   * costs.
   */
  public long commandsSent() {
    return commands.get();
  }

  @Override
  public void start(String cluster, Receiver receiver) {
    keys = keys.of(cluster);
    node.start(keys, receiver);
  }

  @Override
  public String nodeId() {
    return node.name();
  }

  @Override
  public void subscribe(Collection<Topic> added) {
    topics.addAll(added);
    node.subscribe(List.copyOf(added));
  }

  @Override
  public void unsubscribe(Collection<Topic> removed) {
    removed.forEach(topics::remove);
    node.unsubscribe(List.copyOf(removed));
  }

  @Override
  public void publish(List<Publication> publications) {
    try {
      Map<Topic, Set<String>> subscribers = subscribers(publications);
      Map<String, List<byte[]>> byNode = new LinkedHashMap<>();
      for (Publication publication : publications) {
        Set<String> concerned = new LinkedHashSet<>();
        for (Topic topic : publication.topics()) {
          concerned.addAll(subscribers.getOrDefault(topic, Set.of()));
        }
        for (String to : concerned) {
          if (!node.isSelfOrDead(to)) {
            byNode.computeIfAbsent(to, unused -> new ArrayList<>()).add(publication.payload());
          }
        }
      }
      send(byNode);
    } catch (JedisException fault) {
      node.linkFailed();
      throw new RouterUnavailableException("Redis cannot be reached: " + fault.getMessage(), fault);
    }
  }

  private void send(Map<String, List<byte[]>> byNode) {
    List<RedisLink.Frame> frames = new ArrayList<>(byNode.size());
    byNode.forEach(
        (id, envelopes) ->
            Frames.pack(envelopes)
                .forEach(payload -> frames.add(new RedisLink.Frame(keys.channel(id), payload))));
    if (!frames.isEmpty()) {
      commands.addAndGet(frames.size());
      link.publish(frames);
    }
  }

  private Map<Topic, Set<String>> subscribers(List<Publication> publications) {
    Set<Topic> asked = new LinkedHashSet<>();
    publications.forEach(publication -> asked.addAll(publication.topics()));
    return subscribers(asked);
  }

  private Map<Topic, Set<String>> subscribers(Collection<Topic> asked) {
    Map<Topic, Response<Set<String>>> responses = new HashMap<>();
    try (AbstractPipeline pipeline = link.pipeline()) {
      for (Topic topic : asked) {
        responses.put(topic, pipeline.smembers(keys.topic(topic)));
      }
      pipeline.sync();
    }
    commands.addAndGet(asked.size());
    Map<Topic, Set<String>> found = new HashMap<>();
    responses.forEach((topic, nodes) -> found.put(topic, nodes.get()));
    return found;
  }

  @Override
  public Set<Topic> subscribed(Collection<Topic> asked) {
    if (asked.isEmpty()) {
      return Set.of();
    }
    try {
      Map<Topic, Set<String>> subscribers = subscribers(new LinkedHashSet<>(asked));
      Set<String> nodes = new HashSet<>();
      subscribers.values().forEach(nodes::addAll);
      Set<String> alive = alive(nodes);
      Set<Topic> found = new HashSet<>();
      subscribers.forEach(
          (topic, subscribed) -> {
            if (subscribed.stream().anyMatch(alive::contains)) {
              found.add(topic);
            }
          });
      return found;
    } catch (JedisException fault) {
      node.linkFailed();
      throw new RouterUnavailableException("Redis cannot be reached: " + fault.getMessage(), fault);
    }
  }

  private Set<String> alive(Set<String> nodes) {
    Map<String, @Nullable Response<Boolean>> leases = new HashMap<>();
    try (AbstractPipeline pipeline = link.pipeline()) {
      for (String id : nodes) {
        leases.put(id, pipeline.exists(keys.lease(id)));
      }
      pipeline.sync();
    }
    commands.addAndGet(nodes.size());
    Set<String> alive = new HashSet<>();
    leases.forEach(
        (id, exists) -> {
          if (exists != null && exists.get()) {
            alive.add(id);
          }
        });
    return alive;
  }

  @Override
  public boolean healthy() {
    return node.isHealthy();
  }

  @Override
  public void close() {
    node.close();
    link.close();
  }
}
