package chat.engine.internal.send;

import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.internal.runtime.EngineOptions;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.util.Threads;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * MessageSender to conversations that another transaction held when their lane came by: another
 * node's lane for a moment, or a transaction of the application for as long as it likes. They wait
 * here, each conversation in order, on threads of their own, so that the lanes wait for nobody.
 * Every conversation gets its turn; who is not through in time is refused. Bounded by the capacity
 * of the lanes. Thread-safe.
 */
final class LockWaitQueue implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LockWaitQueue.class);
  private static final Duration LOCK_WAIT = Duration.ofMillis(100);
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
  private static final int THREADS = 2;

  private final Committer committer;
  private final int maxBatch;
  private final Map<ConversationId, ArrayDeque<PendingSend>> waiting = new HashMap<>();
  private final LinkedBlockingQueue<ConversationId> turns = new LinkedBlockingQueue<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean closed;

  LockWaitQueue(Committer committer, EngineOptions options) {
    this.committer = committer;
    this.maxBatch = options.maxBatch();
    ThreadFactory factory = Threads.named("parked");
    for (int i = 0; i < THREADS; i++) {
      Thread thread = factory.newThread(this::run);
      threads.add(thread);
      thread.start();
    }
  }

  /** Lines up behind earlier sends to the same conversation, if such are parked. */
  synchronized boolean joinIfParked(PendingSend send) {
    ArrayDeque<PendingSend> line = waiting.get(send.conversation());
    if (line != null) {
      line.add(send);
    }
    return line != null;
  }

  void park(List<PendingSend> locked) {
    lineUp(locked);
    if (closed) {
      refuseAll();
    }
  }

  private synchronized void lineUp(List<PendingSend> locked) {
    for (PendingSend send : locked) {
      ArrayDeque<PendingSend> line = waiting.get(send.conversation());
      if (line == null) {
        line = new ArrayDeque<>();
        waiting.put(send.conversation(), line);
        turns.add(send.conversation());
      }
      line.add(send);
    }
  }

  private void run() {
    while (!closed) {
      try {
        ConversationId conversation = turns.take();
        take(conversation);
      } catch (InterruptedException endOfEngine) {
        // The loop looks at closed.
      } catch (RuntimeException | Error fault) {
        Threads.outlived(fault);
        log.error("parked sends failed", fault);
      }
    }
  }

  private void take(ConversationId conversation) {
    List<PendingSend> batch = first(conversation);
    List<PendingSend> locked = List.of();
    try {
      locked = committer.commit(batch, LOCK_WAIT, () -> {});
    } catch (RuntimeException | Error fault) {
      Threads.outlived(fault);
      committer.failAll(batch, Errors.toChatException(fault));
    }
    List<PendingSend> overdue = new ArrayList<>();
    List<PendingSend> patient = new ArrayList<>();
    long now = System.nanoTime();
    for (PendingSend send : locked) {
      (send.isOverdue(now) ? overdue : patient).add(send);
    }
    putBack(conversation, patient);
    if (closed) {
      refuseAll();
    }
    committer.failAll(
        overdue,
        ChatException.busy(
            "another transaction holds conversation " + conversation + "; nothing was stored",
            RETRY_AFTER));
  }

  private synchronized List<PendingSend> first(ConversationId conversation) {
    ArrayDeque<PendingSend> line = waiting.getOrDefault(conversation, new ArrayDeque<>());
    List<PendingSend> batch = new ArrayList<>();
    while (batch.size() < maxBatch && !line.isEmpty()) {
      batch.add(line.remove());
    }
    return batch;
  }

  private synchronized void putBack(ConversationId conversation, List<PendingSend> locked) {
    ArrayDeque<PendingSend> line = waiting.getOrDefault(conversation, new ArrayDeque<>());
    for (int i = locked.size() - 1; i >= 0; i--) {
      line.addFirst(locked.get(i));
    }
    if (line.isEmpty()) {
      waiting.remove(conversation);
    } else {
      waiting.put(conversation, line);
      turns.add(conversation);
    }
  }

  private void refuseAll() {
    List<PendingSend> left = new ArrayList<>();
    synchronized (this) {
      waiting.values().forEach(left::addAll);
      waiting.clear();
    }
    committer.failAll(left, Errors.closing());
  }

  /** Refuses what waits, and what a commit that is under way would have wait. */
  @Override
  public void close() {
    closed = true;
    threads.forEach(Thread::interrupt);
    refuseAll();
  }
}
