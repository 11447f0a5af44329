package chat.engine.redis;

import chat.engine.redis.RoutingTable.Frame;
import chat.engine.redis.RoutingTable.Life;
import chat.engine.redis.RoutingTable.Subscribers;
import chat.engine.redis.RoutingTable.View;
import chat.engine.redis.link.ClusterLink;
import chat.engine.redis.link.Endpoint;
import chat.engine.redis.link.JedisVersion;
import chat.engine.redis.link.RedisFailure;
import chat.engine.redis.link.RedisLink;
import chat.engine.redis.link.SentinelEndpoint;
import chat.engine.redis.link.ServerUri;
import chat.engine.redis.link.StandaloneLink;
import chat.engine.spi.Publication;
import chat.engine.spi.Router;
import chat.engine.spi.RouterUnavailableException;
import chat.engine.spi.Topic;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The reference router: one pub/sub channel for each node, and a table in Redis of which node is
 * subscribed to which topic.
 *
 * <p>To publish is one look-up of the topics and one PUBLISH to each node concerned, both pipelined
 * over everything that is published together. A node holds a lease that it renews every second and
 * compares its topics with the table; see {@link Membership}. When a lease ends, one of the other
 * nodes claims the right to forget the node's topics; see {@link Neighbours}.
 *
 * <p>All keys and channels begin with the namespace and the cluster, so an ACL such as {@code
 * ~chat:* &chat:*} is enough, and clusters of different stores share nothing.
 *
 * <p>Thread-safe. Calls block for at most the time-out for each round trip (1 s, and as long for a
 * connection). Redis needs no persistence: the nodes write again what it has lost. If the address
 * is a host name that moves to another server, note that Java remembers where a name leads for 30 s
 * unless the security property {@code networkaddress.cache.ttl} says otherwise.
 *
 * <p>Needs Jedis 7.2 or newer: each way to open a router throws an {@link IllegalStateException} if
 * the application has an older one.
 */
public final class RedisRouter implements Router {
  /** The beginning of all keys unless another one is given. */
  public static final String DEFAULT_NAMESPACE = "chat";

  private static final int TIMEOUT_MILLIS = 1_000;

  private final RedisLink link;
  private final String namespace;
  private final String name = UUID.randomUUID().toString().substring(0, 13);
  private final AtomicLong commands = new AtomicLong();
  private volatile @Nullable RedisNode node;

  RedisRouter(RedisLink link, String namespace) {
    this.link = link;
    this.namespace = RedisKeys.requireNamespace(namespace);
  }

  /**
   * Over one Redis (6 or newer), such as {@code redis://localhost:6379}; {@code rediss} for TLS.
   */
  public static RedisRouter open(String uri) {
    return open(uri, DEFAULT_NAMESPACE);
  }

  /**
   * As {@link #open(String)}.
   *
   * @param namespace what all keys and channels begin with: 1 to 64 letters, digits, dots, dashes
   *     and underscores
   */
  public static RedisRouter open(String uri, String namespace) {
    JedisVersion.requireSupported();
    return new RedisRouter(new StandaloneLink(uri, TIMEOUT_MILLIS), namespace);
  }

  /**
   * Over the master that Redis Sentinels agree on; follows it when it changes.
   *
   * @param master the name of the master, as the Sentinels know it; with a user, a password, a
   *     database or TLS it is written {@code rediss://user:password@name/0}
   * @param sentinels some of the Sentinels, as {@code host:port}, or as {@code
   *     redis://user:password@host:port}
   */
  public static RedisRouter openSentinel(String master, Set<String> sentinels, String namespace) {
    JedisVersion.requireSupported();
    ServerUri uri = ServerUri.parseMaster(master);
    Endpoint endpoint =
        new SentinelEndpoint(
            uri.address().getHost(),
            sentinels.stream().map(ServerUri::parseSentinel).toList(),
            TIMEOUT_MILLIS);
    return new RedisRouter(
        new StandaloneLink(endpoint, uri.config(TIMEOUT_MILLIS), TIMEOUT_MILLIS), namespace);
  }

  /**
   * Over a Redis Cluster (7 or newer), with sharded pub/sub.
   *
   * @param addresses some of its nodes, as {@code host:port}
   */
  public static RedisRouter openCluster(Set<String> addresses, String namespace) {
    JedisVersion.requireSupported();
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
  public synchronized void start(String cluster, Receiver receiver) {
    if (node != null) {
      throw new IllegalStateException("already started");
    }
    RedisNode started =
        new RedisNode(link, new RedisKeys(namespace, cluster), name, receiver, commands);
    node = started;
    started.start();
  }

  private RedisNode started() {
    RedisNode started = node;
    if (started == null) {
      throw new IllegalStateException("not started");
    }
    return started;
  }

  @Override
  public String nodeId() {
    return name;
  }

  @Override
  public void subscribe(Collection<Topic> topics) {
    started().membership().subscribe(topics);
  }

  @Override
  public void unsubscribe(Collection<Topic> topics) {
    started().membership().unsubscribe(topics);
  }

  @Override
  public void publish(List<Publication> publications) {
    RedisNode self = started();
    try {
      Set<Topic> asked = new LinkedHashSet<>();
      publications.forEach(publication -> asked.addAll(publication.topics()));
      Subscribers subscribers = self.table().subscribers(asked);
      List<Frame> frames = frames(publications, subscribers.nodes(), self.neighbours());
      if (!frames.isEmpty()) {
        self.table().publish(frames);
      }
      if (!subscribers.wrongType().isEmpty()) {
        self.membership().foundWrongType(subscribers.wrongType());
        throw new RouterUnavailableException(
            "the keys of some topics held values of another type: " + subscribers.wrongType(),
            null);
      }
    } catch (RedisFailure fault) {
      self.membership().failed(fault);
      throw new RouterUnavailableException("Redis: " + fault.getMessage(), fault);
    }
  }

  private static List<Frame> frames(
      List<Publication> publications, Map<Topic, Set<String>> subscribers, Neighbours neighbours) {
    Map<String, List<byte[]>> byNode = new LinkedHashMap<>();
    for (Publication publication : publications) {
      Set<String> concerned = new LinkedHashSet<>();
      for (Topic topic : publication.topics()) {
        concerned.addAll(subscribers.getOrDefault(topic, Set.of()));
      }
      for (String to : concerned) {
        if (!neighbours.isSelf(to) && !neighbours.isDead(to)) {
          byNode.computeIfAbsent(to, unused -> new ArrayList<>()).add(publication.payload());
        }
      }
    }
    List<Frame> frames = new ArrayList<>(byNode.size());
    byNode.forEach(
        (id, envelopes) ->
            Frames.pack(envelopes).forEach(payload -> frames.add(new Frame(id, payload))));
    return frames;
  }

  @Override
  public Set<Topic> subscribed(Collection<Topic> asked) {
    RedisNode self = started();
    Set<Topic> found = new HashSet<>();
    Set<Topic> elsewhere = new LinkedHashSet<>();
    for (Topic topic : asked) {
      (self.topics().isWanted(topic) ? found : elsewhere).add(topic);
    }
    if (elsewhere.isEmpty()) {
      return found;
    }
    try {
      found.addAll(subscribedElsewhere(self, elsewhere));
      return found;
    } catch (RedisFailure fault) {
      self.membership().failed(fault);
      throw new RouterUnavailableException("Redis: " + fault.getMessage(), fault);
    }
  }

  /** Throws rather than to say of a topic that nobody has it when that is not known. */
  private static Set<Topic> subscribedElsewhere(RedisNode self, Set<Topic> asked) {
    Subscribers subscribers = self.table().subscribers(asked);
    Set<String> ids = new HashSet<>();
    subscribers.nodes().values().forEach(ids::addAll);
    ids.removeIf(self.neighbours()::isSelf);
    String own = self.membership().readyId();
    View view = self.table().view(ids, own == null ? self.membership().name() : own);
    Map<String, Life> lives = view.lives();
    Set<Topic> found = new HashSet<>();
    Set<String> uncertain = new HashSet<>();
    subscribers
        .nodes()
        .forEach(
            (topic, nodes) -> {
              if (nodes.stream().anyMatch(id -> isAlive(lives.get(id)))) {
                found.add(topic);
              } else {
                nodes.stream().filter(self.neighbours()::mayLive).forEach(uncertain::add);
              }
            });
    if (found.size() == asked.size()) {
      return found;
    }
    if (!subscribers.wrongType().isEmpty()) {
      self.membership().foundWrongType(subscribers.wrongType());
      throw cannotTell("keys of topics held values of another type");
    }
    if (!uncertain.isEmpty()) {
      throw cannotTell("nodes without a lease may be alive: " + uncertain);
    }
    if (self.neighbours().someoneJoins()) {
      throw cannotTell("a node is writing its topics");
    }
    if (own == null) {
      throw cannotTell("this node is not linked to Redis");
    }
    if (!view.isComplete()) {
      throw cannotTell("Redis lost the routing table, and the nodes are writing it again");
    }
    return found;
  }

  private static boolean isAlive(@Nullable Life life) {
    return life != null && life != Life.NONE;
  }

  private static RouterUnavailableException cannotTell(String why) {
    return new RouterUnavailableException("the routing table may be incomplete: " + why, null);
  }

  @Override
  public boolean healthy() {
    RedisNode started = node;
    return started != null && started.membership().isHealthy();
  }

  @Override
  public synchronized void close() {
    RedisNode started = node;
    if (started != null) {
      started.close();
    }
    link.close();
  }
}
