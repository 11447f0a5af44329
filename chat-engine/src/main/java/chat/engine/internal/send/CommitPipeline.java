package chat.engine.internal.send;

import chat.engine.ChatException;
import chat.engine.internal.runtime.EngineOptions;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.runtime.Limit;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.send.pending.PendingWrite;
import chat.engine.internal.send.pending.PendingWrites;
import chat.engine.internal.util.Threads;
import chat.engine.internal.util.Timers;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.function.LongSupplier;

/**
 * The way of every send to the store: lanes keyed by conversation. Takes or refuses a send at once;
 * full means {@code busy}, never a longer queue. Every send that was taken has its answer within
 * the send time-out, or a second later if the store is working on it then.
 *
 * <p><b>Order.</b> Sends of one conversation are stored in the order in which they were submitted,
 * whatever is locked, halved or in doubt meanwhile, with one exception: when a commit stays in
 * doubt for longer than the send time-out, its callers are told so, and later sends go on. If the
 * message was stored after all, or the caller retries it, its seq may then be higher than theirs.
 * No caller was promised otherwise: what is ordered are sends whose predecessor was acknowledged.
 * Readers get such a message from the regular comparison with the store. Thread-safe.
 */
public final class CommitPipeline implements AutoCloseable {
  private static final Duration RETRY_WHEN_FULL = Duration.ofMillis(250);
  private static final Duration LONGEST_SWEEP = Duration.ofMillis(500);

  private final Committer committer;
  private final CircuitBreaker breaker;
  private final Metrics metrics;
  private final LongSupplier nanoClock;
  private final long sendTimeoutNanos;
  private final PendingWrites sends;
  private final RetryQueue retries;
  private final Lane[] lanes;
  private volatile boolean refusing;

  public CommitPipeline(
      Committer committer, CircuitBreaker breaker, EngineOptions options, Metrics metrics) {
    this(committer, breaker, options, metrics, System::nanoTime);
  }

  CommitPipeline(
      Committer committer,
      CircuitBreaker breaker,
      EngineOptions options,
      Metrics metrics,
      LongSupplier nanoClock) {
    this.committer = committer;
    this.breaker = breaker;
    this.metrics = metrics;
    this.nanoClock = nanoClock;
    this.sendTimeoutNanos = options.time(Limit.SEND_TIMEOUT).toNanos();
    this.sends = new PendingWrites(Math.max(1, options.count(Limit.LANE_CAPACITY) / 2));
    this.retries = new RetryQueue(committer, options, nanoClock);
    this.lanes = new Lane[options.count(Limit.LANES)];
    ThreadFactory threads = Threads.named("lane");
    for (int i = 0; i < lanes.length; i++) {
      lanes[i] = new Lane(committer, retries, options, threads);
    }
    metrics.gauge("sends_pending", sends::count);
    metrics.gauge("sends_waiting_for_retry", retries::waiting);
  }

  /** Begins to give up on sends whose time is over. */
  public void start(Timers timers) {
    Duration period = Duration.ofNanos(sendTimeoutNanos / 20);
    timers.every(period.compareTo(LONGEST_SWEEP) > 0 ? LONGEST_SWEEP : period, this::expire);
  }

  void expire() {
    metrics.count(Metrics.Counter.SENDS_FAILED, sends.expire(nanoClock.getAsLong()));
  }

  /**
   * Takes a send into account. From here on it is pending, and answered by the send time-out.
   *
   * @return whether it was taken; else it was refused
   */
  boolean enter(PendingWrite send) {
    if (refusing) {
      send.fail(Errors.closing());
    } else if (!breaker.allowsCalls()) {
      refuse(send, CircuitBreaker.refusal());
    } else {
      allowTime(send, Duration.ZERO);
      if (sends.enter(send)) {
        return true;
      }
      refuse(
          send,
          ChatException.busy(
              "too many sends to conversation " + send.conversation() + " are pending",
              RETRY_WHEN_FULL));
    }
    return false;
  }

  /** Sends it on its way to the store; its time begins anew. */
  void submit(PendingWrite send) {
    allowTime(send, Duration.ZERO);
    if (!lane(send).offer(send)) {
      refuse(send, ChatException.busy("too many sends wait to be stored", RETRY_WHEN_FULL));
    }
  }

  /** Begins its time anew: the send time-out, and what is given in addition. */
  void allowTime(PendingWrite send, Duration more) {
    send.expiresAt(nanoClock.getAsLong() + sendTimeoutNanos + more.toNanos());
  }

  private void refuse(PendingWrite send, ChatException refusal) {
    metrics.count(Metrics.Counter.SENDS_FAILED);
    send.fail(refusal);
  }

  /** From now on every new send is refused; those that were taken go on. */
  public void refuse() {
    refusing = true;
  }

  /**
   * Sends that have no answer yet, wherever they are, or whose messages are still to be handed to
   * the feeds; 0 when nothing is left to do.
   */
  public long pending() {
    int unfinished = retries.pending();
    for (Lane lane : lanes) {
      unfinished += lane.pending();
    }
    return Math.max(sends.count(), unfinished);
  }

  private Lane lane(PendingWrite send) {
    long mixed = send.conversation().value() * 0x9E3779B97F4A7C15L;
    return lanes[(int) ((mixed >>> 32) % lanes.length)];
  }

  /** Ends the threads, and answers every pending send; waits for the store a second at most. */
  @Override
  public void close() {
    refuse();
    committer.close();
    for (Lane lane : lanes) {
      lane.close();
    }
    retries.close();
    sends.close(); // last, so that nothing is attempted any more
  }
}
