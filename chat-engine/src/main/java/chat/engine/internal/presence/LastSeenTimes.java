package chat.engine.internal.presence;

import chat.engine.UserId;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.util.LogThrottle;
import chat.engine.spi.LastSeenStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When users were last seen: notes it for those who leave this node, writes it to the store in
 * batches, and reads it back. While the store is away the times wait, those of {@link #MOST} users
 * at most. Thread-safe; the store is called on the store threads.
 */
final class LastSeenTimes {
  static final int MOST = 100_000;
  static final int PAGE = 5_000;
  private static final Duration LOG_PERIOD = Duration.ofSeconds(30);
  private static final Logger log = LoggerFactory.getLogger(LastSeenTimes.class);

  private final LastSeenStore store;
  private final StoreThreads reads;
  private final InstantSource clock;
  private final Map<UserId, Instant> unwritten = new ConcurrentHashMap<>();
  private final LogThrottle faults = new LogThrottle(LOG_PERIOD);

  /** The page that is being written; guarded by this. */
  private CompletableFuture<Void> writing = CompletableFuture.completedFuture(null);

  LastSeenTimes(LastSeenStore store, StoreThreads reads, InstantSource clock) {
    this.store = store;
    this.reads = reads;
    this.clock = clock;
  }

  /** These users are seen now. */
  void note(Collection<UserId> users) {
    Instant now = clock.instant();
    users.forEach(user -> note(user, now));
  }

  /**
   * These users were seen before.
   *
   * @param ago how long ago, for each
   */
  void note(Map<UserId, Duration> ago) {
    Instant now = clock.instant();
    ago.forEach((user, time) -> note(user, now.minus(time)));
  }

  private void note(UserId user, Instant seen) {
    if (unwritten.size() < MOST || unwritten.containsKey(user)) {
      unwritten.merge(user, seen.truncatedTo(ChronoUnit.MILLIS), LastSeenTimes::later);
    }
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  /**
   * Begins to write a page of what was noted, unless a page is being written.
   *
   * @return completes when that page is written
   */
  synchronized CompletableFuture<Void> write() {
    if (writing.isDone() && !unwritten.isEmpty()) {
      writing = writePage();
    }
    return writing;
  }

  private CompletableFuture<Void> writePage() {
    Map<UserId, Instant> page = new HashMap<>();
    Iterator<Map.Entry<UserId, Instant>> entries = unwritten.entrySet().iterator();
    while (page.size() < PAGE && entries.hasNext()) {
      Map.Entry<UserId, Instant> next = entries.next();
      page.put(next.getKey(), next.getValue());
    }
    return reads
        .run(() -> store.record(page))
        .whenComplete(
            (done, fault) -> {
              if (fault == null) {
                page.forEach(unwritten::remove); // not what was noted meanwhile
              } else {
                complain(fault);
              }
            });
  }

  private void complain(Throwable fault) {
    long times = faults.due();
    if (times > 0) {
      Throwable cause = fault.getCause() == null ? fault : fault.getCause();
      log.warn(
          "when {} users were last seen cannot be written to the store, and will be when it can: {}"
              + " ({} times since this was last logged)",
          unwritten.size(),
          cause.toString(),
          times);
    }
  }

  /** Writes all that was noted, as far as that is possible in the given time; blocks. */
  void writeAll(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    try {
      while (!unwritten.isEmpty()) {
        write().get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      }
    } catch (ExecutionException | TimeoutException late) {
      log.warn("when {} users were last seen is not in the store", unwritten.size());
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  /** When these users were last seen; no entry for one who never was. */
  CompletableFuture<Map<UserId, Instant>> find(Set<UserId> users) {
    if (users.isEmpty()) {
      return CompletableFuture.completedFuture(Map.of());
    }
    return reads.submit(
        () -> {
          Map<UserId, Instant> times = new HashMap<>(store.find(users));
          for (UserId user : users) {
            Instant noted = unwritten.get(user);
            if (noted != null) {
              times.merge(user, noted, LastSeenTimes::later);
            }
          }
          return times;
        });
  }
}
