package chat.engine.postgres.router;

import chat.engine.postgres.connection.PoolLimits;
import chat.engine.postgres.router.Channels.Notification;
import chat.engine.postgres.router.NodeTable.Node;
import chat.engine.postgres.router.NodeTable.View;
import chat.engine.postgres.router.TopicTable.Answer;
import chat.engine.postgres.router.link.Link;
import chat.engine.postgres.router.link.LinkFailure;
import chat.engine.postgres.router.link.Links;
import chat.engine.postgres.router.link.Statements;
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
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A router that needs nothing but the store's database: a channel for each node ({@code LISTEN} and
 * {@code NOTIFY}), and two tables of which node is subscribed to which topic.
 *
 * <p>To publish is one query for the topics and one {@code NOTIFY} of everything that is published
 * together, in a transaction of its own, which writes nothing and waits for no disk. A node renews
 * its lease every second and compares its topics with the table every few seconds; see {@link
 * Upkeep}. When a lease ends, one of the other nodes cleans up after the node; see {@link
 * Neighbours}.
 *
 * <p><b>Connections.</b> A router takes two connections from its data source when it is started,
 * and keeps them until it is closed; a pool that is shared with the store must be larger by two.
 * They must lead to PostgreSQL itself, or through a pooler in session mode. Behind PgBouncer in
 * transaction mode nothing that is listened for would arrive, which the router notices and says:
 * give it a data source that goes past PgBouncer. A pool's leak detection reports both once; a pool
 * that takes back connections which are held for long makes the router begin anew each time. Close
 * the router, or the engine, before the pool.
 *
 * <p>The tables are made when a {@link chat.engine.postgres.PostgresMessageStore} is opened in the
 * same database, and all rows and channels carry the namespace and the cluster: clusters of
 * different stores share nothing. PostgreSQL passes every notification to all nodes that listen in
 * a database, and lets one transaction with notifications commit at a time: this is for a few nodes
 * and some thousand messages per second, and Redis for more.
 *
 * <p>Thread-safe. Calls wait at most 2 s for PostgreSQL, one behind the other. While a node has no
 * connection they fail at once. Set the time-outs of the data source itself ({@code
 * connectTimeout}, {@code socketTimeout} and the like): until they end, a node that lost its
 * connections cannot try again.
 */
public final class PostgresRouter implements Router {
  /** One listens, one is for calls. */
  private static final int CONNECTIONS = 2;

  /** The beginning of all names unless another one is given. */
  public static final String DEFAULT_NAMESPACE = "chat";

  private static final Logger log = LoggerFactory.getLogger(PostgresRouter.class);
  private static final int CONNECT_SECONDS = 2;
  private static final int SOCKET_SECONDS = 5;

  /** In one transaction, which holds up others that notify. A larger envelope goes alone. */
  private static final int MAX_NOTIFICATIONS = 128;

  private final Links links;
  private final String namespace;
  private final String name = UUID.randomUUID().toString().substring(0, 13);
  private final Statements statements = new Statements();
  private final AtomicInteger frames = new AtomicInteger();
  private volatile @Nullable PostgresNode node;

  PostgresRouter(Links links, String namespace) {
    this.links = links;
    this.namespace = namespace;
  }

  /**
   * Over the store's database.
   *
   * @param dataSource gives connections of the PostgreSQL driver, pooled or not; the router keeps
   *     two
   */
  public static PostgresRouter open(DataSource dataSource) {
    return open(dataSource, DEFAULT_NAMESPACE);
  }

  /**
   * As {@link #open(DataSource)}.
   *
   * @param namespace what all names begin with: 1 to 24 letters, digits, dots, dashes and
   *     underscores
   */
  public static PostgresRouter open(DataSource dataSource, String namespace) {
    return builder(dataSource).namespace(namespace).open();
  }

  /** Settings for a router over the store's database, such as the schema of the tables. */
  public static PostgresRouterBuilder builder(DataSource dataSource) {
    return new PostgresRouterBuilder(dataSource);
  }

  /** Over the store's database, with two connections outside of any pool. */
  public static PostgresRouter open(String jdbcUrl, String user, String password) {
    PGSimpleDataSource direct = new PGSimpleDataSource();
    direct.setUrl(jdbcUrl);
    direct.setUser(user);
    direct.setPassword(password);
    direct.setApplicationName("chat-engine router");
    direct.setConnectTimeout(CONNECT_SECONDS);
    direct.setSocketTimeout(SOCKET_SECONDS);
    direct.setTcpKeepAlive(true);
    return open(direct);
  }

  /** How many statements were sent so far, heartbeats included; to see what a publication costs. */
  public long statementsSent() {
    return statements.sent();
  }

  @Override
  public synchronized void start(String cluster, Receiver receiver) {
    if (node != null) {
      throw new IllegalStateException("already started");
    }
    requireRoom();
    PostgresNode started =
        new PostgresNode(links, Names.of(namespace, cluster), name, receiver, statements);
    node = started;
    started.start();
  }

  private void requireRoom() {
    OptionalInt size = PoolLimits.size(links.dataSource());
    if (size.isPresent()) {
      if (size.getAsInt() < CONNECTIONS) {
        throw new IllegalStateException(
            "PostgresRouter keeps %d connections, and its pool has no more than %d"
                .formatted(CONNECTIONS, size.getAsInt()));
      }
      if (size.getAsInt() == CONNECTIONS) {
        log.warn(
            "PostgresRouter keeps all {} connections of its pool: whatever else uses that pool gets"
                + " none, so it must not be the pool of the store or of the application",
            CONNECTIONS);
        return;
      }
      log.info(
          "PostgresRouter keeps {} of the {} connections of its pool until it is closed",
          CONNECTIONS,
          size.getAsInt());
    }
  }

  private PostgresNode started() {
    PostgresNode started = node;
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

  /** What is done over the connection for calls. */
  private interface Call<T> {
    T through(Link link);
  }

  private static <T> T call(PostgresNode self, Call<T> call) {
    Incarnation incarnation = self.membership().current();
    if (incarnation == null) {
      throw new RouterUnavailableException("this node has no link to PostgreSQL", null);
    }
    try {
      return call.through(incarnation.calls());
    } catch (LinkFailure fault) {
      self.membership().failed(incarnation, fault);
      throw new RouterUnavailableException("PostgreSQL: " + fault.getMessage(), fault);
    }
  }

  // ---- publishing

  @Override
  public void publish(List<Publication> publications) {
    PostgresNode self = started();
    call(
        self,
        link -> {
          Set<Topic> asked = new LinkedHashSet<>();
          publications.forEach(publication -> asked.addAll(publication.topics()));
          publish(self, link, publications, self.table().subscribers(link, asked));
          return true;
        });
  }

  private void publish(
      PostgresNode self,
      Link link,
      List<Publication> publications,
      Map<Topic, Set<Long>> subscribers) {
    List<Notification> together = new ArrayList<>();
    for (Map.Entry<Long, List<byte[]>> entry : byNode(self, publications, subscribers)) {
      List<byte[]> envelopes = entry.getValue();
      int firstNumber = frames.getAndAdd(envelopes.size());
      for (List<String> frame : Envelopes.pack(envelopes, firstNumber)) {
        if (!together.isEmpty() && together.size() + frame.size() > MAX_NOTIFICATIONS) {
          self.channels().send(link, together);
          together = new ArrayList<>();
        }
        for (String payload : frame) {
          together.add(new Notification(entry.getKey(), payload));
        }
      }
    }
    if (!together.isEmpty()) {
      self.channels().send(link, together);
    }
  }

  private static Set<Map.Entry<Long, List<byte[]>>> byNode(
      PostgresNode self, List<Publication> publications, Map<Topic, Set<Long>> subscribers) {
    Map<Long, List<byte[]>> byNode = new LinkedHashMap<>();
    for (Publication publication : publications) {
      Set<Long> concerned = new LinkedHashSet<>();
      for (Topic topic : publication.topics()) {
        concerned.addAll(subscribers.getOrDefault(topic, Set.of()));
      }
      for (Long to : concerned) {
        if (!self.membership().isSelf(to) && !self.neighbours().isDead(to)) {
          byNode.computeIfAbsent(to, unused -> new ArrayList<>()).add(publication.payload());
        }
      }
    }
    return byNode.entrySet();
  }

  // ---- who is there

  @Override
  public Set<Topic> subscribed(Collection<Topic> asked) {
    PostgresNode self = started();
    Set<Topic> found = new HashSet<>();
    Set<Topic> elsewhere = new LinkedHashSet<>();
    for (Topic topic : asked) {
      (self.topics().isWanted(topic) ? found : elsewhere).add(topic);
    }
    if (!elsewhere.isEmpty()) {
      Answer answer = call(self, link -> self.table().ask(link, elsewhere));
      found.addAll(subscribedElsewhere(self, elsewhere, answer));
    }
    return found;
  }

  /** Throws rather than to say of a topic that nobody has it when that is not known. */
  private Set<Topic> subscribedElsewhere(PostgresNode self, Set<Topic> asked, Answer answer) {
    View view = answer.view();
    Set<Long> own = new HashSet<>();
    Set<Long> alive = new HashSet<>();
    for (Node listed : view.nodes()) {
      if (listed.name().equals(name)) {
        own.add(listed.id());
      } else if (listed.isAlive()) {
        alive.add(listed.id());
      }
    }
    Set<Topic> found = new HashSet<>();
    Set<Long> uncertain = new HashSet<>();
    answer
        .subscribers()
        .forEach(
            (topic, nodes) -> {
              if (nodes.stream().anyMatch(alive::contains)) {
                found.add(topic);
              } else {
                nodes.stream()
                    .filter(id -> !own.contains(id) && !self.membership().isSelf(id))
                    .filter(id -> self.neighbours().mayLive(id, view))
                    .forEach(uncertain::add);
              }
            });
    if (found.size() < asked.size()) {
      requireCertainty(self, view, uncertain);
    }
    return found;
  }

  private void requireCertainty(PostgresNode self, View view, Set<Long> uncertain) {
    if (!uncertain.isEmpty()) {
      throw cannotTell(
          "nodes without a lease may be alive: "
              + uncertain.stream().map(Long::toHexString).collect(Collectors.joining(", ")));
    }
    if (view.nodes().stream().anyMatch(other -> !other.name().equals(name) && other.isJoining())) {
      throw cannotTell("a node is writing its topics");
    }
    if (view.nodes().stream()
        .noneMatch(
            listed ->
                self.membership().isSelf(listed.id()) && listed.isReady() && listed.isAlive())) {
      throw cannotTell("this node is not linked to PostgreSQL");
    }
    if (!view.isSettled()) {
      throw cannotTell("PostgreSQL lost the routing table, and the nodes are writing it again");
    }
  }

  private static RouterUnavailableException cannotTell(String why) {
    return new RouterUnavailableException("the routing table may be incomplete: " + why, null);
  }

  @Override
  public boolean healthy() {
    PostgresNode started = node;
    return started != null && started.membership().isHealthy();
  }

  @Override
  public synchronized void close() {
    PostgresNode started = node;
    if (started != null) {
      started.close();
    }
  }
}
