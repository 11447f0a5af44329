package chat.engine.redis;

import chat.engine.redis.RoutingTable.Life;
import chat.engine.spi.Topic;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The other nodes, as this one sees them. A node that has no lease for {@link #CONFIRMATION}, while
 * this node could renew its own, is dead; one of the survivors claims the right to forget its
 * topics.
 *
 * <p>{@link #observe} is called by one thread; everything else is thread-safe and does not block.
 */
final class Neighbours {
  /** Between the end of a lease and the verdict: Redis may have refused to renew it. */
  static final Duration CONFIRMATION = Duration.ofSeconds(2);

  /** A node that takes longer to write its topics does not make the others wait for it. */
  static final Duration JOINING_LIMIT = Duration.ofSeconds(10);

  /** For how long a name without a lease that is not in the list makes answers uncertain. */
  static final Duration STRAY_LIMIT = Duration.ofSeconds(10);

  private static final int MAX_STRAYS = 10_000;

  private final RoutingTable table;
  private final String ownName;
  private final LongSupplier nanoTime;
  private final BiConsumer<String, Set<Topic>> onDied;

  private final Map<String, Long> leaselessSince = new HashMap<>();
  private final Map<String, Long> joiningSince = new HashMap<>();
  private @Nullable Set<String> ready;

  private final Set<String> dead = ConcurrentHashMap.newKeySet();
  private final Map<String, Long> strays = new ConcurrentHashMap<>();
  private volatile Set<String> known = Set.of();
  private volatile boolean someoneJoins;

  /**
   * @param ownName what the names of all incarnations of this node begin with
   * @param onDied told the name and the topics of a node whose traces this one has removed
   */
  Neighbours(
      RoutingTable table,
      String ownName,
      LongSupplier nanoTime,
      BiConsumer<String, Set<Topic>> onDied) {
    this.table = table;
    this.ownName = ownName;
    this.nanoTime = nanoTime;
    this.onDied = onDied;
  }

  boolean isSelf(String id) {
    return id.equals(ownName) || id.startsWith(ownName + ".");
  }

  boolean isDead(String id) {
    return dead.contains(id);
  }

  /** Nodes that were in the list a moment ago and are not known to be dead. */
  Set<String> known() {
    return known;
  }

  /** Whether some node is writing its topics at the moment. */
  boolean someoneJoins() {
    return someoneJoins;
  }

  /**
   * Whether a node without a lease, found under a topic, may be alive all the same: its lease may
   * have been lost a moment ago.
   */
  boolean mayLive(String id) {
    if (isSelf(id) || dead.contains(id)) {
      return false;
    }
    if (known.contains(id)) {
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
   * Looks at the nodes in the list; blocks.
   *
   * @return whether nodes came, went or died since the last time
   */
  boolean observe(Set<String> listed) {
    Set<String> others = new HashSet<>(listed);
    others.removeIf(this::isSelf);
    Map<String, Life> lives = table.lives(others);
    long now = nanoTime.getAsLong();
    boolean died = false;
    boolean joins = false;
    Set<String> readyNow = new HashSet<>();
    Set<String> alive = new HashSet<>();
    for (Map.Entry<String, Life> entry : lives.entrySet()) {
      String id = entry.getKey();
      if (entry.getValue() == Life.NONE) {
        joiningSince.remove(id);
        long since = leaselessSince.computeIfAbsent(id, unused -> now);
        if (now - since >= CONFIRMATION.toNanos()) {
          died |= dead.add(id);
        } else {
          alive.add(id);
        }
        continue;
      }
      leaselessSince.remove(id);
      dead.remove(id);
      alive.add(id);
      if (entry.getValue() == Life.READY) {
        joiningSince.remove(id);
        readyNow.add(id);
      } else {
        long since = joiningSince.computeIfAbsent(id, unused -> now);
        joins |= now - since < JOINING_LIMIT.toNanos();
      }
    }
    leaselessSince.keySet().retainAll(others);
    joiningSince.keySet().retainAll(others);
    dead.retainAll(others);
    known = Set.copyOf(alive);
    someoneJoins = joins;
    boolean changed = ready != null && !ready.equals(readyNow);
    ready = readyNow;
    for (String id : Set.copyOf(dead)) {
      if (table.claim(id, ownName)) {
        onDied.accept(id, table.forget(id));
      }
    }
    return changed || died;
  }
}
