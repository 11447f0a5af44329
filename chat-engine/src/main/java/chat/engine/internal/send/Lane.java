package chat.engine.internal.send;

import chat.engine.ChatException;
import chat.engine.internal.runtime.EngineOptions;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.runtime.Limit;
import chat.engine.internal.send.pending.PendingWrite;
import chat.engine.internal.util.BatchWorker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A queue of sends and the thread that commits them. Whatever queued up during one commit is the
 * next transaction (group commit): the batch grows with the load, and a lone send waits for nobody.
 * All sends of one conversation go through the same lane, which keeps their order. What cannot be
 * settled at once goes to the {@link RetryQueue}, and later sends to its conversation follow it
 * there, so the lane is free for the others. Thread-safe.
 */
final class Lane implements AutoCloseable {
  static final long MAX_BYTES = 64L << 20;

  private final Committer committer;
  private final RetryQueue retries;
  private final AtomicLong queuedBytes = new AtomicLong();
  private final BatchWorker<PendingWrite> worker;

  Lane(Committer committer, RetryQueue retries, EngineOptions options, ThreadFactory threads) {
    this.committer = committer;
    this.retries = retries;
    this.worker =
        new BatchWorker<>(
            threads,
            options.count(Limit.LANE_CAPACITY),
            options.count(Limit.MAX_BATCH),
            this::commit,
            this::refuse);
  }

  /**
   * @return false if the lane is full or closed
   */
  boolean offer(PendingWrite send) {
    if (queuedBytes.addAndGet(send.weight()) <= MAX_BYTES && worker.offer(send)) {
      return true;
    }
    queuedBytes.addAndGet(-send.weight());
    return false;
  }

  /** Sends that are queued or in a transaction, with what follows their commit. */
  int pending() {
    return worker.pending();
  }

  private void commit(List<PendingWrite> batch) {
    List<PendingWrite> own = new ArrayList<>(batch.size());
    for (PendingWrite send : batch) {
      if (!send.isAnswered() && !retries.joinIfWaiting(send)) {
        own.add(send);
      }
    }
    if (!own.isEmpty()) {
      retries.add(committer.commit(own, Committer.NO_WAIT));
    }
    release(batch);
  }

  private void refuse(List<PendingWrite> batch, Throwable fault) {
    release(batch);
    ChatException refusal =
        fault instanceof InterruptedException ? Errors.closing() : Errors.toChatException(fault);
    committer.refuseAll(batch, refusal);
  }

  private void release(List<PendingWrite> batch) {
    long bytes = 0;
    for (PendingWrite send : batch) {
      bytes += send.weight();
    }
    queuedBytes.addAndGet(-bytes);
  }

  /** Ends the thread; what waits is refused. */
  @Override
  public void close() {
    worker.close();
  }
}
