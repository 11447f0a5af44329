package chat.engine.postgres.router;

import chat.engine.postgres.router.NodeTable.Node;
import chat.engine.postgres.router.NodeTable.View;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The other nodes, as this one sees them. A node that has no lease for {@link #CONFIRMATION}, while
 * this node could renew its own, is dead. The time is for nodes that lost their connection together
 * with their lease, and are coming back under another id.
 *
 * <p>{@link #observe} is called by one thread; everything else is thread-safe. Never blocks.
 */
final class Neighbours {
  static final Duration CONFIRMATION = Duration.ofSeconds(2);

  /** For how long topics of a node that is not in the list make answers uncertain. */
  static final Duration STRAY_LIMIT = Duration.ofSeconds(10);

  private static final int MAX_STRAYS = 10_000;

  private final String ownName;
  private final LongSupplier nanoTime;
  private final Map<Long, Long> leaselessSince = new HashMap<>();
  private @Nullable Set<Long> ready;

  private final Set<Long> dead = ConcurrentHashMap.newKeySet();
  private final Map<Long, Long> strays = new ConcurrentHashMap<>();
  private volatile Set<Long> known = Set.of();

  /**
   * @param ownName under which all incarnations of this node are listed
   */
  Neighbours(String ownName, LongSupplier nanoTime) {
    this.ownName = ownName;
    this.nanoTime = nanoTime;
  }

  boolean isDead(long id) {
    return dead.contains(id);
  }

  /** Nodes that have no lease any more, and of which traces are left, with their names. */
  List<Node> dead(View view) {
    return view.nodes().stream().filter(node -> dead.contains(node.id())).toList();
  }

  /** Nodes that were in the list a moment ago and are not known to be dead. */
  Set<Long> known() {
    return known;
  }

  /**
   * Whether a node without a lease may be alive all the same.
   *
   * @param view in which it is, or is not
   */
  boolean mayLive(long id, View view) {
    if (dead.contains(id)) {
      return false;
    }
    if (known.contains(id) || view.nodes().stream().anyMatch(node -> node.id() == id)) {
      return true;
    }
    if (strays.size() >= MAX_STRAYS) {
      strays.clear();
    }
    long now = nanoTime.getAsLong();
    Long since = strays.putIfAbsent(id, now);
    return since == null || now - since < STRAY_LIMIT.toNanos();
  }

  /**
   * Looks at the nodes in the list.
   *
   * @return whether nodes came, went or died since the last time
   */
  boolean observe(View view) {
    long now = nanoTime.getAsLong();
    boolean died = false;
    Set<Long> others = new HashSet<>();
    Set<Long> readyNow = new HashSet<>();
    for (Node node : view.nodes()) {
      if (node.name().equals(ownName)) {
        continue;
      }
      others.add(node.id());
      if (node.isAlive()) {
        leaselessSince.remove(node.id());
        dead.remove(node.id());
        if (node.isReady()) {
          readyNow.add(node.id());
        }
      } else if (now - leaselessSince.computeIfAbsent(node.id(), unused -> now)
          >= CONFIRMATION.toNanos()) {
        died |= dead.add(node.id());
      }
    }
    leaselessSince.keySet().retainAll(others);
    dead.retainAll(others);
    known =
        others.stream().filter(id -> !dead.contains(id)).collect(Collectors.toUnmodifiableSet());
    boolean changed = ready != null && !ready.equals(readyNow);
    ready = readyNow;
    return changed || died;
  }
}
