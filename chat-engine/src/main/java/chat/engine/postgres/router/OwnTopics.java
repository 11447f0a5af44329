package chat.engine.postgres.router;

import chat.engine.postgres.router.link.LinkFailure;
import chat.engine.spi.Topic;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What this node wants to be subscribed to, and how far the table says so. A topic is open from the
 * moment in which it is added or removed until PostgreSQL has taken that; what it takes depends on
 * what is wanted when it is written, so a quick change of mind cannot cross. Open topics are
 * written page by page, and a caller waits for one page at most.
 *
 * <p>Thread-safe.
 */
final class OwnTopics {
  private static final int PAGE = 1_000;

  private final TopicTable table;
  private final Set<Topic> wanted = ConcurrentHashMap.newKeySet();

  /** Guarded by this. */
  private final LinkedHashSet<Topic> open = new LinkedHashSet<>();

  private volatile boolean refusing;

  OwnTopics(TopicTable table) {
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

  /** A new incarnation begins, of which the table has nothing yet. */
  synchronized void openAll() {
    open.clear();
    open.addAll(wanted);
  }

  synchronized boolean isAllWritten() {
    return open.isEmpty();
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

  /** Whether PostgreSQL refused what was written last. */
  boolean isRefused() {
    return refusing;
  }

  /**
   * Writes all that is open.
   *
   * @throws LinkFailure if that does not go through; the rest stays open
   */
  void writeOpen(Incarnation incarnation) {
    List<Topic> now;
    synchronized (this) {
      now = List.copyOf(open);
    }
    write(incarnation, now);
  }

  /**
   * Writes those of the topics that are open.
   *
   * @throws LinkFailure if that does not go through; the rest stays open
   */
  void write(Incarnation incarnation, Collection<Topic> topics) {
    List<Topic> all = List.copyOf(topics);
    try {
      for (int start = 0; start < all.size(); start += PAGE) {
        writePage(incarnation, all.subList(start, Math.min(start + PAGE, all.size())));
      }
      refusing = false;
    } catch (LinkFailure refused) {
      refusing = true;
      throw refused;
    }
  }

  private synchronized void writePage(Incarnation incarnation, List<Topic> page) {
    if (incarnation.hasEnded()) {
      return; // its traces may be removed already; the next one writes everything
    }
    List<Topic> added = new ArrayList<>(page.size());
    List<Topic> removed = new ArrayList<>();
    for (Topic topic : page) {
      if (open.contains(topic)) {
        (wanted.contains(topic) ? added : removed).add(topic);
      }
    }
    table.write(incarnation.calls(), incarnation.id(), added, removed);
    added.forEach(open::remove);
    removed.forEach(open::remove);
  }

  /**
   * Compares what is wanted with the table.
   *
   * @param inFull whether to read all topics, even if their number is right
   * @return how many topics were missing, or too many, and are open now
   */
  synchronized int compare(Incarnation incarnation, boolean inFull) {
    if (!open.isEmpty()) {
      return 0; // they are written first
    }
    if (!inFull && table.count(incarnation.calls(), incarnation.id()) == wanted.size()) {
      return 0;
    }
    Set<Topic> found = table.of(incarnation.calls(), incarnation.id());
    Set<Topic> missing = new HashSet<>(wanted);
    missing.removeAll(found);
    found.removeAll(wanted);
    open.addAll(missing);
    open.addAll(found);
    return missing.size() + found.size();
  }
}
