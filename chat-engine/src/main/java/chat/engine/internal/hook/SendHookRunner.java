package chat.engine.internal.hook;

import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ErrorCode;
import chat.engine.NewMessage;
import chat.engine.UserId;
import chat.engine.hook.SendHook;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.util.LogThrottle;
import chat.engine.internal.util.Threads;
import chat.engine.internal.util.Timers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls the application's {@link SendHook} on threads that do nothing else, each call with a
 * deadline. A call that misses it is refused and then interrupted; one that ignores that keeps its
 * thread. When all threads are kept like this, calls are refused at once until one returns.
 * Thread-safe; never blocks its callers. Its futures complete on its own threads or on the timer
 * thread, so dependents must be the engine's own and short.
 */
public final class SendHookRunner implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SendHookRunner.class);
  private static final Duration RETRY_AFTER = Duration.ofMillis(250);
  private static final Duration LONGEST_CHECK = Duration.ofMillis(100);
  private static final Duration IDLE = Duration.ofSeconds(10);
  private static final Duration LOG_PERIOD = Duration.ofSeconds(10);

  private final @Nullable SendHook hook;
  private final int maxCalls;
  private final Duration deadline;
  private final LongSupplier nanoClock;
  private final Metrics metrics;
  private final ThreadPoolExecutor threads;
  private final Set<Call> running = ConcurrentHashMap.newKeySet();
  private final AtomicInteger stuck = new AtomicInteger();
  private final LogThrottle faults = new LogThrottle(LOG_PERIOD);
  private final LogThrottle timeouts = new LogThrottle(LOG_PERIOD);
  private volatile boolean closed;

  /**
   * @param hook null for none
   * @param maxCalls calls at the same time, each on a thread
   * @param maxWaiting calls that may wait for a thread; more are refused
   * @param nanoClock as {@link System#nanoTime}
   */
  public SendHookRunner(
      @Nullable SendHook hook,
      int maxCalls,
      int maxWaiting,
      Duration deadline,
      LongSupplier nanoClock,
      Metrics metrics) {
    this.hook = hook;
    this.maxCalls = maxCalls;
    this.deadline = deadline;
    this.nanoClock = nanoClock;
    this.metrics = metrics;
    this.threads =
        new ThreadPoolExecutor(
            maxCalls,
            maxCalls,
            IDLE.toMillis(),
            TimeUnit.MILLISECONDS,
            new ArrayBlockingQueue<>(maxWaiting),
            Threads.named("hook"));
    threads.allowCoreThreadTimeOut(true);
    metrics.gauge("hook_calls_running", running::size);
    metrics.gauge("hook_calls_stuck", stuck::get);
  }

  /** Begins to watch the deadlines. */
  public void start(Timers timers) {
    if (hook != null) {
      Duration period = deadline.dividedBy(10).plusMillis(1);
      timers.every(period.compareTo(LONGEST_CHECK) > 0 ? LONGEST_CHECK : period, this::check);
    }
  }

  public boolean isSet() {
    return hook != null;
  }

  /** How long a call may take. */
  public Duration deadline() {
    return deadline;
  }

  /** What the hook makes of the message; fails with what it refuses it with. */
  public CompletableFuture<NewMessage> onSend(
      UserId sender, Conversation conversation, NewMessage message) {
    SendHook asked = hook;
    if (asked == null) {
      return CompletableFuture.completedFuture(message);
    }
    Call call = new Call(asked, sender, conversation, message);
    if (stuck.get() >= maxCalls) {
      call.refuse(allStuck());
      return call.result;
    }
    try {
      threads.execute(call);
    } catch (RejectedExecutionException full) {
      call.refuse(
          closed
              ? Errors.closing()
              : ChatException.busy("too many calls wait for the send hook", RETRY_AFTER));
    }
    return call.result;
  }

  private static ChatException allStuck() {
    return ChatException.busy("all calls of the send hook hang", RETRY_AFTER);
  }

  /** Ends the calls whose time is over. To be called every few milliseconds, by one thread. */
  void check() {
    long now = nanoClock.getAsLong();
    running.forEach(call -> call.check(now));
    if (stuck.get() >= maxCalls) {
      refuseWaiting(allStuck());
    }
  }

  private void refuseWaiting(ChatException refusal) {
    List<Runnable> waiting = new ArrayList<>();
    threads.getQueue().drainTo(waiting);
    for (Runnable task : waiting) {
      if (task instanceof Call call) {
        call.refuse(refusal);
      }
    }
  }

  private final class Call implements Runnable {
    private final SendHook asked;
    private final UserId sender;
    private final Conversation conversation;
    private final NewMessage message;
    final CompletableFuture<NewMessage> result = new CompletableFuture<>();

    // All below is guarded by this.
    private @Nullable Thread thread;
    private long startedNanos;
    private boolean late;
    private boolean isStuck;

    Call(SendHook asked, UserId sender, Conversation conversation, NewMessage message) {
      this.asked = asked;
      this.sender = sender;
      this.conversation = conversation;
      this.message = message;
    }

    void refuse(ChatException refusal) {
      result.completeExceptionally(refusal);
    }

    @Override
    public void run() {
      begin();
      @Nullable NewMessage allowed = null;
      @Nullable ChatException refusal = null;
      try {
        allowed = asked.onSend(sender, conversation, message);
      } catch (ChatException refused) {
        refusal = refused;
      } catch (Throwable fault) {
        Threads.outlived(fault);
        refusal = ChatException.internal("the send hook failed", fault);
        logFault("the send hook threw; the send is refused", fault);
      }
      end(); // before the result is told, so that no interrupt hits what follows
      if (refusal == null && allowed == null) {
        refusal =
            ChatException.of(
                ErrorCode.INTERNAL,
                "the send hook returned null; it must return the message to store, or throw a"
                    + " ChatException");
        logFault("the send hook returned null; the send is refused", null);
      }
      if (refusal != null) {
        refuse(refusal);
      } else if (allowed != null) {
        result.complete(allowed);
      }
    }

    private synchronized void begin() {
      thread = Thread.currentThread();
      startedNanos = nanoClock.getAsLong();
      running.add(this);
    }

    private synchronized void end() {
      thread = null;
      running.remove(this);
      if (isStuck) {
        stuck.decrementAndGet();
      }
      Thread.interrupted(); // it was meant for the hook
    }

    private void logFault(String what, @Nullable Throwable fault) {
      metrics.count(Metrics.Counter.HOOK_FAULTS);
      long times = faults.due();
      if (times > 0 && !closed) {
        log.error("{} ({} times since this was last logged)", what, times, fault);
      }
    }

    void check(long now) {
      synchronized (this) {
        if (thread == null || now - startedNanos < deadline.toNanos()) {
          return;
        }
        if (late) {
          if (!isStuck) {
            isStuck = true; // at the second look: the interrupt did not end it
            stuck.incrementAndGet();
          }
          return;
        }
        late = true;
      }
      metrics.count(Metrics.Counter.HOOK_TIMEOUTS);
      long times = timeouts.due();
      if (times > 0) {
        log.warn(
            "the send hook did not answer within {} ms; {} sends were refused for that since this"
                + " was last logged",
            deadline.toMillis(),
            times);
      }
      // Refused before it is interrupted: what the hook answers to that does not count.
      refuse(
          ChatException.of(
              ErrorCode.INTERNAL,
              "the send hook did not answer within " + deadline.toMillis() + " ms"));
      interrupt();
    }

    synchronized void interrupt() {
      if (thread != null) {
        thread.interrupt();
      }
    }
  }

  /** Fails what waits or runs, and interrupts the hook. */
  @Override
  public void close() {
    closed = true;
    threads.shutdown();
    refuseWaiting(Errors.closing());
    for (Call call : running) {
      call.refuse(Errors.closing());
      call.interrupt();
    }
  }
}
