package chat.engine.internal.send;

import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.internal.runtime.EngineOptions;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.runtime.Limit;
import chat.engine.internal.send.pending.PendingWrite;
import chat.engine.internal.send.pending.PendingWrites;
import chat.engine.internal.util.BatchWorker;
import chat.engine.internal.util.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadFactory;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Sends that could not be settled at the first attempt: another transaction holds their
 * conversation, or their commit is in doubt. They wait here, each conversation in order, and are
 * tried on threads of their own, so that the lanes wait for nobody; later sends to such a
 * conversation line up behind them. A send that is not through in time is given up on by {@link
 * PendingWrites}; those behind it go on then.
 *
 * <p>Locked conversations are tried one by one, waiting for the lock a little. Those in doubt are
 * tried together and without waiting, since a broken connection leaves many of them; trying again
 * is safe because every send is known by its client message id. Bounded; a full queue refuses with
 * {@code busy}, which concerns locked conversations only. Thread-safe.
 */
final class RetryQueue implements AutoCloseable {
  static final Duration LOCK_WAIT = Duration.ofMillis(100);
  static final long MAX_BYTES = 64L << 20;

  private static final Duration DOUBT_PERIOD = Duration.ofMillis(50);
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
  private static final int LOCK_THREADS = 2;

  private final Committer committer;
  private final int maxBatch;
  private final LongSupplier nanoClock;
  private final RetryLines lines;
  private final List<BatchWorker<ConversationId>> locked = new ArrayList<>();
  private final BatchWorker<ConversationId> inDoubt;

  RetryQueue(Committer committer, EngineOptions options, LongSupplier nanoClock) {
    this.committer = committer;
    this.nanoClock = nanoClock;
    this.maxBatch = options.count(Limit.MAX_BATCH);
    this.lines = new RetryLines(options.count(Limit.LANE_CAPACITY), MAX_BYTES);
    // A conversation has one turn at most, so the lines bound these queues.
    int capacity = Integer.MAX_VALUE;
    ThreadFactory threads = Threads.named("retry");
    for (int i = 0; i < LOCK_THREADS; i++) {
      locked.add(
          new BatchWorker<>(threads, capacity, 1, this::retry, RetryQueue::leaveToPendingSends));
    }
    inDoubt =
        new BatchWorker<>(
            threads,
            capacity,
            maxBatch,
            DOUBT_PERIOD,
            this::retry,
            RetryQueue::leaveToPendingSends);
  }

  /**
   * Lines up behind earlier sends to the same conversation, if such wait.
   *
   * @return whether the caller is rid of it
   */
  boolean joinIfWaiting(PendingWrite send) {
    RetryLines.Place place = lines.join(send);
    if (place == RetryLines.Place.FULL) {
      refuse(send);
    }
    return place != RetryLines.Place.NO_LINE;
  }

  /** Takes what an attempt left without an answer, in order. */
  void add(List<PendingWrite> unsettled) {
    for (PendingWrite send : unsettled) {
      RetryLines.Place place = lines.add(send);
      if (place == RetryLines.Place.FULL) {
        refuse(send);
      } else if (place == RetryLines.Place.NEW_LINE) {
        giveTurn(send);
      }
    }
  }

  private static void refuse(PendingWrite send) {
    send.fail(
        ChatException.busy(
            "too many sends wait for conversations that other transactions hold", RETRY_AFTER));
  }

  /** Sends that wait here; not those that are being tried. */
  int waiting() {
    return lines.size();
  }

  /** Conversations with sends that wait or are being tried. */
  int pending() {
    int sum = inDoubt.pending();
    for (BatchWorker<ConversationId> worker : locked) {
      sum += worker.pending();
    }
    return sum;
  }

  private void giveTurn(@Nullable PendingWrite first) {
    if (first == null) {
      return; // the line ended
    }
    ConversationId conversation = first.conversation();
    if (first.isInDoubt()) {
      inDoubt.add(conversation);
    } else {
      locked.get(Math.floorMod(conversation.hashCode(), LOCK_THREADS)).add(conversation);
    }
  }

  private void retry(List<ConversationId> turns) {
    List<PendingWrite> batch = lines.take(turns, maxBatch);
    List<PendingWrite> unsettled = List.of();
    try {
      if (!batch.isEmpty()) {
        unsettled = committer.commit(batch, turns.size() == 1 ? LOCK_WAIT : Committer.NO_WAIT);
      }
    } catch (RuntimeException | Error fault) {
      Threads.outlived(fault);
      committer.refuseAll(batch, Errors.toChatException(fault));
    }
    long now = nanoClock.getAsLong();
    unsettled.forEach(send -> send.expire(now)); // here, for there is hardly a time between tries
    Map<ConversationId, List<PendingWrite>> left =
        unsettled.stream().collect(Collectors.groupingBy(PendingWrite::conversation));
    for (ConversationId conversation : turns) {
      giveTurn(lines.putBack(conversation, left.getOrDefault(conversation, List.of())));
    }
  }

  /** The engine is closing: all pending sends are answered in one place. */
  private static void leaveToPendingSends(List<ConversationId> turns, Throwable cause) {}

  /** Ends the threads; {@link PendingWrites} answers what waits. */
  @Override
  public void close() {
    locked.forEach(BatchWorker::close);
    inDoubt.close();
  }
}
