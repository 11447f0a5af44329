package chat.engine.internal.hook;

import chat.engine.ChatException;
import chat.engine.ErrorCode;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.util.LogThrottle;
import chat.engine.internal.util.Threads;
import chat.engine.internal.util.Timers;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls a hook of the application that decides about something: each call on a thread where it may
 * block, and with a deadline by which its answer must be there. A call is in progress until the
 * hook has returned and its future is complete; a call that misses the deadline is refused, and
 * then interrupted if the hook has not returned. One that ignores that keeps its thread and its
 * place. When all places are kept like this, calls are refused at once until one returns.
 *
 * <p>Thread-safe; never blocks its callers. Its futures complete on the threads of the hook, on the
 * thread that completes the hook's own future, or on the timer thread, so dependents must be the
 * engine's own and short.
 */
public final class HookRunner implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HookRunner.class);
  private static final Duration RETRY_AFTER = Duration.ofMillis(250);
  private static final Duration LONGEST_CHECK = Duration.ofMillis(100);
  private static final Duration LOG_PERIOD = Duration.ofSeconds(10);

  private final String name;
  private final Executor threads;
  private final int maxCalls;
  private final int maxWaiting;
  private final Duration deadline;
  private final LongSupplier nanoClock;
  private final Metrics metrics;
  private final Set<Call<?>> inProgress = ConcurrentHashMap.newKeySet();
  private final AtomicInteger stuck = new AtomicInteger();
  private final LogThrottle faults = new LogThrottle(LOG_PERIOD);
  private final LogThrottle timeouts = new LogThrottle(LOG_PERIOD);

  // Guarded by this, as are additions to inProgress.
  private final ArrayDeque<Call<?>> waiting = new ArrayDeque<>();
  private boolean closed;

  /**
   * @param name of the hook, for people: such as "send hook"
   * @param threads where the hook may block; runs at most {@code maxCalls} of the tasks that it is
   *     given at the same time
   * @param maxCalls calls in progress at the same time
   * @param maxWaiting calls that may wait for one of those; more are refused
   * @param nanoClock as {@link System#nanoTime}
   */
  public HookRunner(
      String name,
      Executor threads,
      int maxCalls,
      int maxWaiting,
      Duration deadline,
      LongSupplier nanoClock,
      Metrics metrics) {
    this.name = name;
    this.threads = threads;
    this.maxCalls = maxCalls;
    this.maxWaiting = maxWaiting;
    this.deadline = deadline;
    this.nanoClock = nanoClock;
    this.metrics = metrics;
    String gauge = name.replace(' ', '_').toLowerCase(Locale.ROOT);
    metrics.gauge(gauge + "_calls_running", inProgress::size);
    metrics.gauge(gauge + "_calls_stuck", stuck::get);
  }

  /** Begins to watch the deadlines. */
  public void start(Timers timers) {
    Duration period = deadline.dividedBy(10).plusMillis(1);
    timers.every(period.compareTo(LONGEST_CHECK) > 0 ? LONGEST_CHECK : period, this::check);
  }

  /** How long a call may take. */
  public Duration deadline() {
    return deadline;
  }

  /**
   * What the hook answers; fails with what it refuses with, with {@code INTERNAL} if it fails,
   * answers null or misses its deadline, and with {@code BUSY} where the bounds are reached.
   *
   * @param hook asks the hook
   */
  public <A> CompletableFuture<A> call(
      Supplier<? extends @Nullable CompletionStage<? extends @Nullable A>> hook) {
    Call<A> call = new Call<>(hook);
    ChatException refusal = null;
    boolean starts = false;
    synchronized (this) {
      if (closed) {
        refusal = Errors.closing();
      } else if (stuck.get() >= maxCalls) {
        refusal = allStuck();
      } else if (inProgress.size() < maxCalls) {
        starts = inProgress.add(call);
      } else if (waiting.size() < maxWaiting) {
        waiting.addLast(call);
      } else {
        refusal = ChatException.busy("too many calls wait for the " + name, RETRY_AFTER);
      }
    }
    if (refusal != null) {
      call.result.completeExceptionally(refusal);
    } else if (starts) {
      start(call);
    }
    return call.result;
  }

  private ChatException allStuck() {
    return ChatException.busy("all calls of the " + name + " hang", RETRY_AFTER);
  }

  private void start(Call<?> first) {
    Call<?> call = first;
    while (call != null) {
      try {
        threads.execute(call);
        return;
      } catch (RuntimeException | Error noThread) {
        Threads.outlived(noThread);
        call.refuse(ChatException.busy("there is no thread for the " + name, RETRY_AFTER));
        call = replace(call);
      }
    }
  }

  /** Gives the place of a call that is over to one that waits. */
  private void release(Call<?> over) {
    Call<?> next = replace(over);
    if (next != null) {
      start(next);
    }
  }

  private synchronized @Nullable Call<?> replace(Call<?> over) {
    inProgress.remove(over);
    Call<?> next = waiting.pollFirst();
    if (next != null) {
      inProgress.add(next);
    }
    return next;
  }

  /** Ends the calls whose time is over. To be called every few milliseconds, by one thread. */
  void check() {
    long now = nanoClock.getAsLong();
    inProgress.forEach(call -> call.check(now));
    if (stuck.get() >= maxCalls) {
      refuseWaiting(allStuck());
    }
  }

  private void refuseWaiting(ChatException refusal) {
    List<Call<?>> refused;
    synchronized (this) {
      refused = new ArrayList<>(waiting);
      waiting.clear();
    }
    refused.forEach(call -> call.refuse(refusal));
  }

  private final class Call<A> implements Runnable {
    private final Supplier<? extends @Nullable CompletionStage<? extends @Nullable A>> hook;
    final CompletableFuture<A> result = new CompletableFuture<>();

    // All below is guarded by this.
    private @Nullable Thread thread;
    private boolean begun;
    private long startedNanos;
    private boolean settled;
    private boolean isStuck;

    Call(Supplier<? extends @Nullable CompletionStage<? extends @Nullable A>> hook) {
      this.hook = hook;
    }

    /**
     * @return whether the caller decides what the answer is
     */
    private synchronized boolean settle() {
      boolean first = !settled;
      settled = true;
      return first;
    }

    void refuse(ChatException refusal) {
      if (settle()) {
        result.completeExceptionally(refusal);
      }
    }

    @Override
    public void run() {
      if (!begin()) {
        release(this); // refused by the close
        return;
      }
      @Nullable CompletionStage<? extends @Nullable A> answer = null;
      @Nullable Throwable fault = null;
      try {
        answer = hook.get();
      } catch (Throwable thrown) {
        Threads.outlived(thrown);
        fault = thrown;
      }
      boolean late = end(); // before the result is told, so that no interrupt hits what follows
      if (late) {
        release(this);
      } else if (fault != null) {
        answered(null, fault);
      } else if (answer == null) {
        answered(null, nothing("returned null; it must return a future"));
      } else {
        follow(answer);
      }
    }

    private void follow(CompletionStage<? extends @Nullable A> answer) {
      try {
        answer.whenComplete(this::answered);
      } catch (Throwable odd) {
        Threads.outlived(odd);
        answered(null, odd);
      }
    }

    private synchronized boolean begin() {
      if (settled) {
        return false;
      }
      begun = true;
      thread = Thread.currentThread();
      startedNanos = nanoClock.getAsLong();
      return true;
    }

    /**
     * @return whether the call was refused meanwhile
     */
    private synchronized boolean end() {
      thread = null;
      if (isStuck) {
        stuck.decrementAndGet();
      }
      Thread.interrupted(); // it was meant for the hook
      return settled;
    }

    private void answered(@Nullable A answer, @Nullable Throwable fault) {
      if (!settle()) {
        return; // too late, and the place was given away
      }
      release(HookRunner.Call.this);
      if (fault == null && answer != null) {
        result.complete(answer);
        return;
      }
      Throwable cause = fault == null ? null : Errors.cause(fault);
      if (cause instanceof ChatException refusal) {
        if (refusal.code() == ErrorCode.INTERNAL) {
          logFault(refusal);
        }
        result.completeExceptionally(refusal);
      } else if (cause != null) {
        logFault(cause);
        result.completeExceptionally(ChatException.internal("the " + name + " failed", cause));
      } else {
        ChatException nothing = nothing("answered null; its future must have a value");
        logFault(nothing);
        result.completeExceptionally(nothing);
      }
    }

    private ChatException nothing(String what) {
      return ChatException.of(
          ErrorCode.INTERNAL, "the " + name + " " + what + ", or fail with a ChatException");
    }

    private void logFault(Throwable fault) {
      metrics.count(Metrics.Counter.HOOK_FAULTS);
      long times = faults.due();
      if (times > 0 && !isClosed()) {
        log.error(
            "the {} failed, {} times since this was last logged; what it was asked about is refused",
            name,
            times,
            fault);
      }
    }

    void check(long now) {
      boolean returned;
      synchronized (this) {
        if (!begun || now - startedNanos < deadline.toNanos()) {
          return;
        }
        returned = thread == null;
        if (settled) {
          if (!returned && !isStuck) {
            isStuck = true; // at the second look: the interrupt did not end it
            stuck.incrementAndGet();
          }
          return;
        }
        settled = true;
      }
      metrics.count(Metrics.Counter.HOOK_TIMEOUTS);
      long times = timeouts.due();
      if (times > 0) {
        log.warn(
            "the {} did not answer within {} ms; {} calls were refused for that since this was last"
                + " logged",
            name,
            deadline.toMillis(),
            times);
      }
      if (returned) {
        release(this);
      }
      // Refused before it is interrupted: what the hook answers to that does not count.
      result.completeExceptionally(
          ChatException.of(
              ErrorCode.INTERNAL,
              "the " + name + " did not answer within " + deadline.toMillis() + " ms"));
      interrupt();
    }

    synchronized void interrupt() {
      if (thread != null) {
        thread.interrupt();
      }
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  /** Fails what waits or is in progress, and interrupts the hook. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    refuseWaiting(Errors.closing());
    for (Call<?> call : inProgress) {
      call.refuse(Errors.closing());
      call.interrupt();
    }
  }
}
