package chat.engine.internal.hook;

import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ErrorCode;
import chat.engine.Message;
import chat.engine.NewMessage;
import chat.engine.UserId;
import chat.engine.hook.CommitObserver;
import chat.engine.hook.OfflineNotifier;
import chat.engine.hook.SendHook;
import chat.engine.internal.conversation.CommittedMessage;
import chat.engine.internal.presence.PresenceTracker;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.util.Threads;
import chat.engine.internal.util.Timers;
import chat.engine.spi.ConversationStore;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls the application's hooks on threads that are theirs alone, with a deadline. A hook that
 * hangs is interrupted and its call refused; one that ignores that costs a thread of {@link
 * #MAX_THREADS}. Thread-safe; never blocks its callers.
 */
public final class HookRunner implements AutoCloseable {
  private static final int MAX_THREADS = 64;
  private static final int BACKLOG = 8_192;
  private static final Duration RETRY_AFTER = Duration.ofMillis(250);
  private static final Duration COMPLAINT_PERIOD = Duration.ofMinutes(1);
  private static final Logger log = LoggerFactory.getLogger(HookRunner.class);

  private final @Nullable SendHook sendHook;
  private final @Nullable CommitObserver observer;
  private final @Nullable OfflineNotifier notifier;
  private final PresenceTracker presence;
  private final ConversationStore conversations;
  private final Timers timers;
  private final Duration deadline;
  private final Metrics metrics;
  private final ThreadPoolExecutor sendThreads;
  private final ThreadPoolExecutor observerThread;
  private final ThreadPoolExecutor notifierThread;
  private volatile long lastComplaint = System.nanoTime() - COMPLAINT_PERIOD.toNanos();

  public HookRunner(
      Hooks hooks,
      PresenceTracker presence,
      ConversationStore conversations,
      Timers timers,
      Duration deadline,
      Metrics metrics) {
    this.sendHook = hooks.send();
    this.observer = hooks.committed();
    this.notifier = hooks.offline();
    this.presence = presence;
    this.conversations = conversations;
    this.timers = timers;
    this.deadline = deadline;
    this.metrics = metrics;
    this.sendThreads =
        new ThreadPoolExecutor(
            0, MAX_THREADS, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), Threads.named("hook"));
    this.observerThread = single("observer");
    this.notifierThread = single("notifier");
  }

  private static ThreadPoolExecutor single(String role) {
    ThreadPoolExecutor thread =
        new ThreadPoolExecutor(
            1, 1, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(BACKLOG), Threads.named(role));
    thread.allowCoreThreadTimeOut(true);
    return thread;
  }

  public boolean hasSendHook() {
    return sendHook != null;
  }

  /** What the hook makes of the message; fails with what it refuses it with. */
  public CompletableFuture<NewMessage> onSend(
      UserId sender, Conversation conversation, NewMessage message) {
    SendHook hook = sendHook;
    if (hook == null) {
      return CompletableFuture.completedFuture(message);
    }
    CompletableFuture<NewMessage> result = new CompletableFuture<>();
    try {
      Future<?> call =
          sendThreads.submit(
              () -> {
                try {
                  result.complete(hook.onSend(sender, conversation, message));
                } catch (ChatException refusal) {
                  result.completeExceptionally(refusal);
                } catch (Throwable fault) {
                  Threads.outlived(fault);
                  log.error("the send hook threw; the send is refused", fault);
                  result.completeExceptionally(
                      ChatException.internal("the send hook failed", fault));
                }
              });
      timers.later(
          deadline,
          () -> {
            if (!result.isDone()) {
              metrics.count(Metrics.Counter.HOOK_TIMEOUTS);
              ChatException late =
                  ChatException.of(
                      ErrorCode.INTERNAL,
                      "the send hook did not answer within " + deadline.toMillis() + " ms");
              // On another thread: dependents of the result must not hold up the timers. Refused
              // before it is interrupted: what the hook answers to that does not count.
              CompletableFuture.runAsync(() -> result.completeExceptionally(late))
                  .thenRun(() -> call.cancel(true));
            }
          });
    } catch (RejectedExecutionException full) {
      result.completeExceptionally(
          ChatException.busy("too many send hooks are running", RETRY_AFTER));
    }
    return result;
  }

  public void committed(Collection<CommittedMessage> arrivals) {
    CommitObserver observing = observer;
    if (observing != null) {
      for (CommittedMessage arrival : arrivals) {
        enqueue(
            observerThread, () -> observing.onCommitted(arrival.conversation(), arrival.message()));
      }
    }
    OfflineNotifier notifying = notifier;
    if (notifying != null) {
      for (CommittedMessage arrival : arrivals) {
        enqueue(
            notifierThread,
            () -> notifyOffline(notifying, arrival.conversation(), arrival.message()));
      }
    }
  }

  private void notifyOffline(
      OfflineNotifier notifying, Conversation conversation, Message message) {
    List<UserId> members =
        switch (conversation.kind()) {
          case DIRECT -> conversation.peers();
          case GROUP ->
              conversations
                  .members(conversation.id())
                  .map(ConversationStore.MemberList::users)
                  .orElse(List.of());
        };
    Set<UserId> offline = new HashSet<>(members);
    offline.remove(message.from());
    offline.removeAll(presence.online(offline));
    if (!offline.isEmpty()) {
      notifying.onOffline(conversation, message, offline);
    }
  }

  private void enqueue(ThreadPoolExecutor thread, Runnable call) {
    try {
      thread.execute(
          () -> {
            try {
              call.run();
            } catch (Throwable fault) {
              Threads.outlived(fault);
              metrics.count(Metrics.Counter.HOOK_FAULTS);
              log.warn("a hook threw; the message is not affected", fault);
            }
          });
    } catch (RejectedExecutionException full) {
      metrics.count(Metrics.Counter.HOOK_CALLS_DROPPED);
      long now = System.nanoTime();
      if (now - lastComplaint >= COMPLAINT_PERIOD.toNanos()) {
        lastComplaint = now;
        log.warn("a commit observer or offline notifier is too slow; it misses messages");
      }
    }
  }

  @Override
  public void close() {
    sendThreads.shutdownNow();
    observerThread.shutdownNow();
    notifierThread.shutdownNow();
  }
}
