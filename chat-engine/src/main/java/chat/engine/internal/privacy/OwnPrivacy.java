package chat.engine.internal.privacy;

import chat.engine.ChatException;
import chat.engine.Privacy;
import chat.engine.UserId;
import chat.engine.event.PrivacyChanged;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.session.Session;
import chat.engine.internal.session.SessionContext;
import chat.engine.internal.session.SessionRegistry;
import chat.engine.internal.session.SharedEvent;
import chat.engine.internal.session.UserSessions;
import chat.engine.internal.util.Timers;
import chat.engine.spi.PrivacyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The privacy settings of the users who are connected to this node: read before the first session
 * of a user begins, for many users at once where many connect, and compared with the store from
 * time to time, since the news of a change may be lost between nodes. Tells the user's sessions of
 * changes. Thread-safe; reads the store on the store threads.
 */
public final class OwnPrivacy {
  private static final Logger log = LoggerFactory.getLogger(OwnPrivacy.class);
  private static final Duration COMPARISON = Duration.ofSeconds(15);
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
  private static final int USERS_AT_ONCE = 500;

  private record Waiting(UserSessions home, CompletableFuture<Void> loaded) {}

  private final PrivacyStore store;
  private final StoreThreads reads;
  private final SessionRegistry registry;
  private final SessionContext context;
  private final int maxWaiting;
  private final Queue<Waiting> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waitingCount = new AtomicInteger();
  private final AtomicBoolean loading = new AtomicBoolean();

  /**
   * @param maxWaiting users who may wait for their settings; more are refused
   */
  public OwnPrivacy(
      PrivacyStore store,
      StoreThreads reads,
      SessionRegistry registry,
      SessionContext context,
      int maxWaiting) {
    this.maxWaiting = maxWaiting;
    this.store = store;
    this.reads = reads;
    this.registry = registry;
    this.context = context;
  }

  public void start(Timers timers) {
    timers.every(COMPARISON, this::compare);
  }

  // ---- users who come

  /**
   * @param home to which the news of changes is routed already
   * @return completes when the settings of the user are known here; fails with {@code BUSY} if too
   *     many wait for theirs
   */
  public CompletableFuture<Void> load(UserSessions home) {
    if (home.knowsPrivacy()) {
      return CompletableFuture.completedFuture(null);
    }
    if (waitingCount.incrementAndGet() > maxWaiting) {
      waitingCount.decrementAndGet();
      return CompletableFuture.failedFuture(
          ChatException.busy("too many users are about to connect", RETRY_AFTER));
    }
    Waiting one = new Waiting(home, new CompletableFuture<>());
    waiting.add(one);
    loadNext();
    return one.loaded();
  }

  private void loadNext() {
    if (!waiting.isEmpty() && loading.compareAndSet(false, true)) {
      List<Waiting> batch = new ArrayList<>();
      for (Waiting next = waiting.poll(); next != null; next = waiting.poll()) {
        waitingCount.decrementAndGet();
        batch.add(next);
        if (batch.size() == USERS_AT_ONCE) {
          break;
        }
      }
      reads
          .submit(() -> store.find(batch.stream().map(one -> one.home().user()).toList()))
          .whenComplete((found, fault) -> loaded(batch, found, fault));
    }
  }

  private void loaded(
      List<Waiting> batch, @Nullable Map<UserId, Privacy> found, @Nullable Throwable fault) {
    loading.set(false);
    loadNext();
    for (Waiting one : batch) {
      if (found != null) {
        UserSessions home = one.home();
        home.learn(found.getOrDefault(home.user(), Privacy.OPEN));
        one.loaded().complete(null);
      } else if (fault != null) {
        one.loaded().completeExceptionally(fault);
      }
    }
  }

  // ---- changes

  /**
   * A user has changed the settings, on this node or another.
   *
   * @param except the session that has them from its answer; null for none
   */
  public void changed(UserId user, Privacy now, @Nullable Session except) {
    UserSessions home = registry.find(user);
    if (home != null && home.learn(now)) {
      SharedEvent event = context.outgoing(new PrivacyChanged(now));
      for (Session session : home.sessions()) {
        if (session != except) {
          session.offerOwn(event);
        }
      }
    }
  }

  void compare() {
    List<UserId> page = new ArrayList<>();
    for (UserSessions home : registry.all()) {
      page.add(home.user());
      if (page.size() == USERS_AT_ONCE) {
        compareLater(page);
        page = new ArrayList<>();
      }
    }
    if (!page.isEmpty()) {
      compareLater(page);
    }
  }

  private void compareLater(List<UserId> page) {
    reads
        .submit(() -> store.find(page))
        .whenComplete(
            (found, fault) -> {
              if (found != null) {
                found.forEach((user, now) -> changed(user, now, null));
              } else {
                log.debug("settings could not be compared; the next comparison repeats it", fault);
              }
            });
  }
}
