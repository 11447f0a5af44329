package chat.engine.internal.presence;

import chat.engine.memory.InMemoryRouter;
import chat.engine.spi.Publication;
import chat.engine.spi.Router;
import chat.engine.spi.RouterUnavailableException;
import chat.engine.spi.Topic;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A router of an in-memory network that fails in the ways of a routing table on a server. */
final class FaultyRouter implements Router {
  private final InMemoryRouter real;
  private final Set<Topic> wanted = ConcurrentHashMap.newKeySet();
  private volatile @Nullable Receiver receiver;

  /** The table does not have what this node wants. */
  private boolean forgotten;

  volatile boolean reachable = true;
  volatile boolean healthy = true;

  /** Thrown by {@link #subscribed}, whatever it is. */
  volatile @Nullable RuntimeException fault;

  /** How many more looks succeed. */
  volatile int failAfter = Integer.MAX_VALUE;

  /** The largest number of topics that were asked for at once. */
  final AtomicInteger mostAsked = new AtomicInteger();

  final AtomicInteger looks = new AtomicInteger();

  FaultyRouter(InMemoryRouter.Network network) {
    real = network.join();
  }

  private Receiver receiver() {
    Receiver started = receiver;
    if (started == null) {
      throw new IllegalStateException("not started");
    }
    return started;
  }

  /** The link breaks; what the table has of this node stays until its lease ends. */
  void cut() {
    reachable = false;
    healthy = false;
    real.cut();
  }

  /** The table has lost this node's subscriptions, and the node does not know it yet. */
  synchronized void forget() {
    forgotten = true;
    real.unsubscribe(wanted);
  }

  /** The node's lease has ended while its link was down. */
  void expire(FaultyRouter survivor) {
    Set<Topic> had = new HashSet<>(wanted);
    forget();
    survivor.receiver().onNodeDied(nodeId(), had);
    survivor.receiver().onDoubt();
  }

  /** The link works again, and the node has written its subscriptions. */
  void relink() {
    synchronized (this) {
      forgotten = false;
      real.subscribe(wanted);
    }
    reachable = true;
    healthy = true;
    real.heal();
    receiver().onDoubt();
  }

  /** The process is gone, and its lease has ended. */
  void die() {
    real.crash();
  }

  @Override
  public void start(String cluster, Receiver started) {
    receiver = started;
    real.start(cluster, started);
  }

  @Override
  public String nodeId() {
    return real.nodeId();
  }

  @Override
  public synchronized void subscribe(Collection<Topic> topics) {
    wanted.addAll(topics);
    if (!forgotten) {
      real.subscribe(topics);
    }
  }

  @Override
  public synchronized void unsubscribe(Collection<Topic> topics) {
    topics.forEach(wanted::remove);
    real.unsubscribe(topics);
  }

  Set<Topic> wanted() {
    return Set.copyOf(wanted);
  }

  @Override
  public void publish(List<Publication> publications) {
    real.publish(new ArrayList<>(publications));
  }

  @Override
  public Set<Topic> subscribed(Collection<Topic> topics) {
    looks.incrementAndGet();
    mostAsked.accumulateAndGet(topics.size(), Math::max);
    RuntimeException thrown = fault;
    if (thrown != null) {
      throw thrown;
    }
    if (!reachable || failAfter-- <= 0) {
      throw new RouterUnavailableException("cut off", null);
    }
    return real.subscribed(topics);
  }

  @Override
  public boolean healthy() {
    return healthy;
  }

  @Override
  public void close() {
    real.close();
  }
}
