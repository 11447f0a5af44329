package chat.engine.memory;

import chat.engine.spi.Publication;
import chat.engine.spi.Router;
import chat.engine.spi.RouterUnavailableException;
import chat.engine.spi.Topic;
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
 * Links the engines of one JVM that join the same {@link Network} and share a store. The publishing
 * thread hands envelopes over. Thread-safe; never blocks. A network can be told to lose things, for
 * tests of what happens then.
 */
public final class InMemoryRouter implements Router {

  /** What the routers of one JVM share. Thread-safe. */
  public static final class Network {
    private final Map<String, InMemoryRouter> nodes = new ConcurrentHashMap<>();

    /** A network without nodes. */
    public Network() {}

    /** A router for one more node. */
    public InMemoryRouter join() {
      return new InMemoryRouter(this);
    }
  }

  private record Membership(String cluster, Receiver receiver) {}

  private final Network network;
  private final String nodeId = "memory-" + UUID.randomUUID();
  private final Set<Topic> topics = ConcurrentHashMap.newKeySet();
  private volatile @Nullable Membership membership;
  private volatile boolean cut;

  private InMemoryRouter(Network network) {
    this.network = network;
  }

  /** Cuts this node off: it receives nothing, and its publications fail, until {@link #heal}. */
  public void cut() {
    cut = true;
  }

  /** Ends a {@link #cut}; all nodes of the cluster are told to doubt. */
  public void heal() {
    Membership own = membership;
    if (cut && own != null) {
      cut = false;
      peers(own).forEach(peer -> peer.receiver().onDoubt());
      own.receiver().onDoubt();
    }
    cut = false;
  }

  /** Dies without leaving: publishes and receives nothing any more, and the others are told. */
  public void crash() {
    network.nodes.remove(nodeId);
    Membership dead = membership;
    membership = null;
    if (dead == null) {
      return;
    }
    List<Membership> survivors = peers(dead);
    if (!survivors.isEmpty()) {
      survivors.get(0).receiver().onNodeDied(nodeId, new HashSet<>(topics));
    }
    survivors.forEach(survivor -> survivor.receiver().onDoubt());
  }

  /** The other nodes of the same cluster that can be reached. */
  private List<Membership> peers(Membership own) {
    List<Membership> peers = new ArrayList<>();
    for (InMemoryRouter node : network.nodes.values()) {
      Membership other = node.membership;
      if (node != this && other != null && !node.cut && other.cluster().equals(own.cluster())) {
        peers.add(other);
      }
    }
    return peers;
  }

  @Override
  public void start(String cluster, Receiver receiver) {
    membership = new Membership(cluster, receiver);
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
    Membership own = requireLink();
    for (InMemoryRouter other : network.nodes.values()) {
      Membership to = other.membership;
      if (other == this || to == null || other.cut || !to.cluster().equals(own.cluster())) {
        continue;
      }
      for (Publication publication : publications) {
        if (publication.topics().stream().anyMatch(other.topics::contains)) {
          to.receiver().onEnvelope(publication.payload());
        }
      }
    }
  }

  @Override
  public Set<Topic> subscribed(Collection<Topic> asked) {
    Membership own = requireLink();
    Set<Topic> found = new HashSet<>();
    for (InMemoryRouter node : network.nodes.values()) {
      Membership of = node.membership;
      if (of != null && of.cluster().equals(own.cluster())) {
        asked.stream().filter(node.topics::contains).forEach(found::add);
      }
    }
    return found;
  }

  private Membership requireLink() {
    Membership own = membership;
    if (cut || own == null || !network.nodes.containsKey(nodeId)) {
      throw new RouterUnavailableException("this node is cut off", null);
    }
    return own;
  }

  @Override
  public boolean healthy() {
    return !cut;
  }

  @Override
  public void close() {
    network.nodes.remove(nodeId);
    membership = null;
  }
}
