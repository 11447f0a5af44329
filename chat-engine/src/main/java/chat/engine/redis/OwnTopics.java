package chat.engine.redis;

import chat.engine.redis.link.RedisFailure;
import chat.engine.spi.Topic;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What this node wants to be subscribed to, and how far the table says so. A topic is open from the
 * moment in which it is added or removed until Redis has taken that; what it takes depends on what
 * is wanted when it is written, so a quick change of mind cannot cross. Open topics are written
 * page by page, and a caller waits for one page at most.
 *
 * <p>The table is also compared with what is wanted: {@link #check} finds keys that are gone, and
 * keys that lack this node. Each call looks at a part, so that the cost is spread over time.
 *
 * <p>Thread-safe.
 */
final class OwnTopics {
  private static final int PAGE = 1_000;

  /** Topics that are looked at together: for Redis, about 0.3 ms of work. */
  private static final int LOOK = 500;

  private final RoutingTable table;
  private final Set<Topic> wanted = ConcurrentHashMap.newKeySet();

  /** Guarded by this. */
  private final LinkedHashSet<Topic> open = new LinkedHashSet<>();

  /** Guarded by this. */
  private boolean refusing;

  private final Round round = new Round();

  /** Goes through the wanted topics, part by part, again and again. Used by one thread. */
  private final class Round {
    private List<Topic> topics = List.of();
    private int next;

    List<Topic> part(int parts) {
      if (next >= topics.size()) {
        topics = List.copyOf(wanted);
        next = 0;
      }
      int size = Math.max(LOOK, (topics.size() + parts - 1) / parts);
      int end = Math.min(next + size, topics.size());
      List<Topic> part = topics.subList(next, end);
      next = end;
      return part;
    }
  }

  OwnTopics(RoutingTable table) {
    this.table = table;
  }

  boolean isWanted(Topic topic) {
    return wanted.contains(topic);
  }

  /** Only notes it; {@link #write} or {@link #writeOpen} do the rest. */
  synchronized void add(Collection<Topic> topics) {
    wanted.addAll(topics);
    open.addAll(topics);
  }

  /** Only notes it; {@link #write} or {@link #writeOpen} do the rest. */
  synchronized void remove(Collection<Topic> topics) {
    for (Topic topic : topics) {
      if (wanted.remove(topic) || open.contains(topic)) {
        open.add(topic);
      }
    }
  }

  /**
   * Of the table nothing is known: everything has to be written again. What is still to be removed
   * stays open, because the table may have it under the same name.
   */
  synchronized void openAll() {
    open.addAll(wanted);
  }

  synchronized boolean isAllWritten() {
    return open.isEmpty();
  }

  /** Whether Redis refused some of what is open when it was last asked. */
  synchronized boolean isRefused() {
    return refusing;
  }

  /**
   * Does something in the moment in which nothing is open.
   *
   * @return false if something is open; then nothing was done
   */
  synchronized boolean ifAllWritten(Runnable action) {
    if (open.isEmpty()) {
      action.run();
      return true;
    }
    return false;
  }

  /**
   * Writes all that is open.
   *
   * @return null if all was taken, or why not
   * @throws RedisFailure if Redis cannot be reached; the rest stays open
   */
  @Nullable RedisFailure writeOpen(Incarnation incarnation) {
    List<Topic> now;
    synchronized (this) {
      now = List.copyOf(open);
    }
    return write(incarnation, now);
  }

  /**
   * Writes those of the topics that are open.
   *
   * @return null if all was taken, or why not
   * @throws RedisFailure if Redis cannot be reached; the rest stays open
   */
  @Nullable RedisFailure write(Incarnation incarnation, Collection<Topic> topics) {
    RedisFailure why = null;
    List<Topic> all = List.copyOf(topics);
    for (int start = 0; start < all.size(); start += PAGE) {
      RedisFailure refused =
          writePage(incarnation, all.subList(start, Math.min(start + PAGE, all.size())));
      why = why == null ? refused : why;
    }
    synchronized (this) {
      refusing = why != null || (refusing && !open.isEmpty());
    }
    return why;
  }

  private synchronized @Nullable RedisFailure writePage(Incarnation incarnation, List<Topic> page) {
    if (incarnation.hasEnded()) {
      return null; // its traces may be removed already; the next one writes everything
    }
    List<Topic> added = new ArrayList<>(page.size());
    List<Topic> removed = new ArrayList<>();
    for (Topic topic : page) {
      if (open.contains(topic)) {
        (wanted.contains(topic) ? added : removed).add(topic);
      }
    }
    if (added.isEmpty() && removed.isEmpty()) {
      return null;
    }
    RoutingTable.Written written = table.write(incarnation.id(), added, removed);
    added.forEach(open::remove);
    removed.forEach(open::remove);
    open.addAll(written.refused());
    if (written.listLost()) {
      open.addAll(wanted);
    }
    return written.why();
  }

  // ---- comparison; called by one thread

  /**
   * Looks whether this node is found under its topics. After as many calls as parts, all have been
   * looked at.
   *
   * @return how many topics were found to be missing, and are open now
   */
  int check(String id, int parts) {
    int missing = 0;
    List<Topic> part = round.part(parts);
    for (int start = 0; start < part.size(); start += LOOK) {
      List<Topic> page = part.subList(start, Math.min(start + LOOK, part.size()));
      // Without a lock, so topics that come and go at this moment may seem to be missing.
      if (!table.hasAll(id, settled(page))) {
        missing += openMissing(id, page);
      }
    }
    return missing;
  }

  private synchronized int openMissing(String id, List<Topic> suspected) {
    Set<Topic> gone = table.missing(id, settled(suspected));
    open.addAll(gone);
    return gone.size();
  }

  /** Those that are still wanted, and that the table should have. */
  private synchronized Set<Topic> settled(List<Topic> topics) {
    Set<Topic> settled = new HashSet<>(topics);
    settled.removeIf(topic -> !wanted.contains(topic) || open.contains(topic));
    return settled;
  }
}
