package chat.engine.memory.conversation;

import chat.engine.UserId;
import chat.engine.spi.BlockStore;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Blocks in memory; the monitor of the conversations is their lock, too. */
public final class InMemoryBlocks implements BlockStore {
  private final Object lock;

  /** By the user who blocked. */
  private final Map<UserId, NavigableSet<UserId>> blocked = new HashMap<>();

  InMemoryBlocks(Object lock) {
    this.lock = lock;
  }

  @Override
  public boolean block(UserId user, UserId other, Instant now) {
    synchronized (lock) {
      return blocked
          .computeIfAbsent(user, none -> new TreeSet<>(StoredMembers::byBytes))
          .add(other);
    }
  }

  @Override
  public boolean unblock(UserId user, UserId other) {
    synchronized (lock) {
      NavigableSet<UserId> others = blocked.get(user);
      return others != null && others.remove(other);
    }
  }

  @Override
  public List<UserId> blockedBy(UserId user, @Nullable UserId after, int limit) {
    synchronized (lock) {
      NavigableSet<UserId> all = blocked.get(user);
      if (all == null) {
        return List.of();
      }
      return (after == null ? all : all.tailSet(after, false)).stream().limit(limit).toList();
    }
  }

  @Override
  public boolean hasBlocked(UserId user, UserId other) {
    synchronized (lock) {
      return has(user, other);
    }
  }

  /** Whether one has blocked the other; under the lock. */
  boolean has(UserId user, UserId other) {
    NavigableSet<UserId> others = blocked.get(user);
    return others != null && others.contains(other);
  }

  public boolean concerns(UserId user) {
    return blocked.getOrDefault(user, Collections.emptyNavigableSet()).size() > 0
        || blocked.values().stream().anyMatch(others -> others.contains(user));
  }

  /**
   * Under the lock.
   *
   * @param replacement null to end all blocks of the user, and those of others
   */
  void replace(UserId user, @Nullable UserId replacement) {
    NavigableSet<UserId> own = blocked.remove(user);
    if (own != null && replacement != null) {
      blocked
          .computeIfAbsent(replacement, none -> new TreeSet<>(StoredMembers::byBytes))
          .addAll(own);
    }
    for (NavigableSet<UserId> others : blocked.values()) {
      if (others.remove(user) && replacement != null) {
        others.add(replacement);
      }
    }
  }

  @Override
  public Set<UserId> between(UserId user, Set<UserId> others) {
    synchronized (lock) {
      Set<UserId> found = new HashSet<>(others);
      found.removeIf(other -> !has(user, other) && !has(other, user));
      return found;
    }
  }

  @Override
  public Map<UserId, Set<UserId>> between(Set<UserId> users) {
    synchronized (lock) {
      Map<UserId, Set<UserId>> found = new HashMap<>();
      blocked.forEach(
          (user, others) -> {
            for (UserId other : others) {
              note(user, other, users, found);
              note(other, user, users, found);
            }
          });
      return found;
    }
  }

  private static void note(
      UserId user, UserId other, Set<UserId> asked, Map<UserId, Set<UserId>> found) {
    if (asked.contains(user)) {
      found.computeIfAbsent(user, none -> new HashSet<>()).add(other);
    }
  }
}
