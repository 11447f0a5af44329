package chat.engine.internal.send;

import chat.engine.ChatException;
import chat.engine.SendAck;
import chat.engine.internal.runtime.EngineOptions;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.util.Threads;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;

/**
 * The way of every send to the store: lanes keyed by conversation. Takes or refuses a send at once;
 * full means {@code busy}, never a longer queue. Thread-safe.
 */
public final class CommitPipeline implements AutoCloseable {
  private static final Duration RETRY_WHEN_FULL = Duration.ofMillis(250);

  private final Committer committer;
  private final LockWaitQueue parked;
  private final CircuitBreaker gate;
  private final Executor answers;
  private final Lane[] lanes;
  private volatile boolean refusing;

  public CommitPipeline(
      Committer committer,
      CircuitBreaker gate,
      Executor answers,
      EngineOptions options,
      Metrics metrics) {
    this.committer = committer;
    this.gate = gate;
    this.answers = answers;
    this.parked = new LockWaitQueue(committer, options);
    this.lanes = new Lane[options.lanes()];
    ThreadFactory threads = Threads.named("lane");
    for (int i = 0; i < lanes.length; i++) {
      lanes[i] = new Lane(committer, parked, options, threads);
    }
    metrics.gauge("sends_pending", this::pending);
  }

  CompletableFuture<SendAck> submit(PendingSend send) {
    if (refusing) {
      send.fail(Errors.closing(), answers);
    } else if (!gate.isOpen()) {
      send.fail(CircuitBreaker.refusal(), answers);
    } else if (!lane(send).offer(send)) {
      send.fail(ChatException.busy("too many sends wait to be stored", RETRY_WHEN_FULL), answers);
    }
    return send.result();
  }

  /** From now on every send is refused. */
  public void refuse() {
    refusing = true;
  }

  /** MessageSender that were taken and have no answer yet. */
  public long pending() {
    long sum = 0;
    for (Lane lane : lanes) {
      sum += lane.pending();
    }
    return sum;
  }

  private Lane lane(PendingSend send) {
    long mixed = send.conversation().value() * 0x9E3779B97F4A7C15L;
    return lanes[(int) ((mixed >>> 32) % lanes.length)];
  }

  /** Ends the lanes; what still waits is refused. */
  @Override
  public void close() {
    refuse();
    committer.close();
    for (Lane lane : lanes) {
      lane.close();
    }
    parked.close();
  }
}
