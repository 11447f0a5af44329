package chat.engine.internal.send;

import chat.engine.ChatException;
import chat.engine.internal.runtime.EngineOptions;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.util.Threads;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A queue of sends and the thread that commits them. Whatever queued up during one commit is the
 * next transaction (group commit): the batch grows with the load, and a lone send waits for nobody.
 * All sends of one conversation go through the same lane, which keeps their order.
 */
final class Lane implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Lane.class);
  private static final long MAX_BYTES = 64L << 20;

  private final Committer committer;
  private final LockWaitQueue parked;
  private final int capacity;
  private final int maxBatch;
  private final LinkedBlockingQueue<PendingSend> queue = new LinkedBlockingQueue<>();
  private final AtomicInteger pending = new AtomicInteger();
  private final AtomicLong pendingBytes = new AtomicLong();
  private final Thread thread;
  private volatile boolean closed;

  Lane(Committer committer, LockWaitQueue parked, EngineOptions options, ThreadFactory threads) {
    this.committer = committer;
    this.parked = parked;
    this.capacity = options.laneCapacity();
    this.maxBatch = options.maxBatch();
    this.thread = threads.newThread(this::run);
    thread.start();
  }

  /**
   * @return false if the lane is full
   */
  boolean offer(PendingSend send) {
    if (pending.incrementAndGet() > capacity) {
      pending.decrementAndGet();
      return false;
    }
    if (pendingBytes.addAndGet(send.weight()) > MAX_BYTES) {
      left(send);
      return false;
    }
    send.enters(this);
    queue.add(send);
    if (closed) {
      refuse(Errors.closing()); // the thread may have ended before it came
    }
    return true;
  }

  /** A send of this lane has its answer. */
  void left(PendingSend send) {
    pending.decrementAndGet();
    pendingBytes.addAndGet(-send.weight());
  }

  /** MessageSender without an answer yet: queued, in a transaction, or parked. */
  int pending() {
    return pending.get();
  }

  private void run() {
    List<PendingSend> batch = new ArrayList<>(maxBatch);
    while (!closed) {
      try {
        batch.add(queue.take());
      } catch (InterruptedException endOfEngine) {
        continue; // the loop looks at closed
      }
      queue.drainTo(batch, maxBatch - 1);
      try {
        batch.removeIf(parked::joinIfParked);
        if (!batch.isEmpty()) {
          parked.park(committer.commit(batch, Committer.NO_WAIT, this::shed));
        }
      } catch (RuntimeException | Error fault) {
        Threads.outlived(fault);
        log.error("a lane failed", fault);
        committer.failAll(batch, Errors.toChatException(fault));
      }
      batch.clear();
    }
    refuse(Errors.closing());
  }

  /** Refuses what waits here, because the store is away. */
  private void shed() {
    refuse(CircuitBreaker.refusal());
  }

  private void refuse(ChatException refusal) {
    List<PendingSend> refused = new ArrayList<>();
    queue.drainTo(refused);
    committer.failAll(refused, refusal);
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
