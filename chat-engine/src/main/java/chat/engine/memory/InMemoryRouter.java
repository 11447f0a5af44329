package chat.engine.memory;

import chat.engine.spi.Publication;
import chat.engine.spi.Router;
import chat.engine.spi.RouterUnavailableException;
import chat.engine.spi.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Links the engines of one JVM that join the same {@link Network}. Envelopes are handed over by the
 * publishing thread. Thread-safe; never blocks. A network can be told to lose things, to see that
 * nothing is lost by it.
 */
public final class InMemoryRouter implements Router {
  private static final Duration MARGIN = Duration.ofSeconds(1);

  /** What the routers of one cluster share. Thread-safe. */
  public static final class Network {
    private final Map<String, InMemoryRouter> nodes = new ConcurrentHashMap<>();

    /** A router for one more node. */
    public InMemoryRouter join() {
      return new InMemoryRouter(this);
    }
  }

  private final Network network;
  private final String nodeId = "memory-" + UUID.randomUUID();
  private final Set<Topic> topics = ConcurrentHashMap.newKeySet();
  private volatile @Nullable Receiver receiver;
  private volatile @Nullable Instant cutSince;

  private InMemoryRouter(Network network) {
    this.network = network;
  }

  /** Cuts this node off: it receives nothing, and its publications fail, until {@link #heal}. */
  public void cut() {
    cutSince = Instant.now();
  }

  /** Ends a {@link #cut}; this node is told to doubt what happened meanwhile. */
  public void heal() {
    Instant since = cutSince;
    cutSince = null;
    Receiver told = receiver;
    if (since != null && told != null) {
      told.onDoubt(since.minus(MARGIN));
    }
  }

  /** Dies without leaving: publishes and receives nothing any more, and the others are told. */
  public void crash() {
    network.nodes.remove(nodeId);
    Receiver dead = receiver;
    receiver = null;
    if (dead == null) {
      return;
    }
    boolean first = true;
    for (InMemoryRouter survivor : network.nodes.values()) {
      Receiver told = survivor.receiver;
      if (told != null) {
        if (first) {
          told.onNodeDied(nodeId, new HashSet<>(topics));
          first = false;
        }
        told.onDoubt(Instant.now().minus(MARGIN));
      }
    }
  }

  @Override
  public void start(Receiver ownReceiver) {
    receiver = ownReceiver;
    network.nodes.put(nodeId, this);
  }

  @Override
  public String nodeId() {
    return nodeId;
  }

  @Override
  public void subscribe(Collection<Topic> added) {
    topics.addAll(added);
  }

  @Override
  public void unsubscribe(Collection<Topic> removed) {
    removed.forEach(topics::remove);
  }

  @Override
  public void publish(List<Publication> publications) {
    requireLink();
    List<InMemoryRouter> others = new ArrayList<>(network.nodes.values());
    others.remove(this);
    for (InMemoryRouter other : others) {
      Receiver to = other.receiver;
      if (to == null || other.cutSince != null) {
        continue;
      }
      for (Publication publication : publications) {
        if (publication.topics().stream().anyMatch(other.topics::contains)) {
          to.onEnvelope(publication.payload());
        }
      }
    }
  }

  @Override
  public Set<Topic> subscribed(Collection<Topic> asked) {
    requireLink();
    Set<Topic> found = new HashSet<>();
    for (Topic topic : asked) {
      if (network.nodes.values().stream().anyMatch(node -> node.topics.contains(topic))) {
        found.add(topic);
      }
    }
    return found;
  }

  private void requireLink() {
    if (cutSince != null || !network.nodes.containsKey(nodeId)) {
      throw new RouterUnavailableException("this node is cut off", null);
    }
  }

  @Override
  public boolean healthy() {
    return cutSince == null;
  }

  @Override
  public void close() {
    network.nodes.remove(nodeId);
    receiver = null;
  }
}
