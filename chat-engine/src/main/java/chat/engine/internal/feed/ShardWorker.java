package chat.engine.internal.feed;

import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.internal.cluster.Subscriptions;
import chat.engine.internal.conversation.CommittedMessage;
import chat.engine.internal.runtime.MessageWeight;
import chat.engine.internal.session.SessionContext;
import chat.engine.internal.session.SessionRegistry;
import chat.engine.internal.util.BatchWorker;
import chat.engine.internal.util.Threads;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread of one shard and the queue before it. The feeds of the shard are touched by this
 * thread only, and so need no locks; tasks must not block.
 *
 * <p>What waits is bounded by tasks and bytes. Messages that do not fit in are not queued: only the
 * place that their conversation has reached is kept, one for each conversation, and once the queue
 * is short again the feeds read from the store what they miss. So a sender that outruns delivery
 * fills no memory, and delivery catches up from the store. Thread-safe.
 */
final class ShardWorker implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ShardWorker.class);
  private static final int MAX_BATCH = 256;

  /** What may wait for one shard: tasks, and bytes of messages. */
  record Bounds(int tasks, long bytes) {
    static final Bounds DEFAULT = new Bounds(16_384, 32L << 20);
  }

  /** A task, and about the bytes that it holds while it waits. */
  private record Task(Consumer<FeedShard> work, long bytes) {}

  private record Reached(Conversation conversation, long seq, long membersRev) {
    Reached max(Reached other) {
      return new Reached(
          conversation, Math.max(seq, other.seq), Math.max(membersRev, other.membersRev));
    }
  }

  private final Bounds bounds;
  private final FeedShard feeds;
  private final AtomicLong queuedBytes = new AtomicLong();
  private final BatchWorker<Task> worker;

  /** How far conversations are whose messages were not queued; guarded by this map. */
  private final Map<ConversationId, Reached> behind = new HashMap<>();

  ShardWorker(
      ThreadFactory threads,
      Bounds bounds,
      SessionContext context,
      SessionRegistry registry,
      Subscriptions subscriptions,
      FeedRepairs repairs,
      Consumer<Conversation> onSubscribed) {
    this.bounds = bounds;
    this.feeds =
        new FeedShard(
            context,
            registry,
            subscriptions,
            feed -> repairs.schedule(feed, this::execute, () -> closeIfDeserted(feed)),
            onSubscribed);
    this.worker =
        new BatchWorker<>(
            threads, Integer.MAX_VALUE, MAX_BATCH, this::run, (tasks, cause) -> release(tasks));
  }

  private void closeIfDeserted(ConversationFeed feed) {
    feeds.closeIfDeserted(feed);
  }

  /**
   * Takes messages.
   *
   * @return false if there is no room; then the feeds read them from the store later
   */
  boolean offer(List<CommittedMessage> messages) {
    long bytes = 0;
    for (CommittedMessage committed : messages) {
      bytes += MessageWeight.of(committed.message());
    }
    if (worker.pending() < bounds.tasks() && queuedBytes.get() + bytes <= bounds.bytes()) {
      add(new Task(shard -> messages.forEach(shard::arrive), bytes));
      return true;
    }
    boolean first;
    synchronized (behind) {
      first = behind.isEmpty();
      for (CommittedMessage committed : messages) {
        Reached reached =
            new Reached(
                committed.conversation(), committed.message().seq(), committed.membersRev());
        behind.merge(committed.conversation().id(), reached, Reached::max);
      }
    }
    if (first) {
      execute(shard -> {}); // the queue may have run empty meanwhile, and must be looked at again
    }
    return false;
  }

  /**
   * Takes a task that may be dropped.
   *
   * @return false if it was
   */
  boolean offerEphemeral(Consumer<FeedShard> task) {
    boolean room = worker.pending() < bounds.tasks() / 2;
    if (room) {
      execute(task);
    }
    return room;
  }

  /** Takes a task even if the queue is full; there are few of these for each session or change. */
  void execute(Consumer<FeedShard> task) {
    add(new Task(task, 0));
  }

  private void execute(Runnable task) {
    execute(shard -> task.run());
  }

  private void add(Task task) {
    queuedBytes.addAndGet(task.bytes());
    if (!worker.add(task)) {
      queuedBytes.addAndGet(-task.bytes()); // the engine is closed
    }
  }

  long backlog() {
    synchronized (behind) {
      return worker.pending() + (long) behind.size();
    }
  }

  private void run(List<Task> tasks) {
    for (Task task : tasks) {
      run(task.work());
    }
    release(tasks);
    if (worker.pending() - tasks.size() <= bounds.tasks() / 2) {
      observeBehind();
    }
  }

  private void run(Consumer<FeedShard> work) {
    try {
      work.accept(feeds);
    } catch (RuntimeException | Error fault) {
      Threads.outlived(fault);
      log.error("a feed task failed", fault);
    }
  }

  private void observeBehind() {
    List<Reached> reached;
    synchronized (behind) {
      if (behind.isEmpty()) {
        return;
      }
      reached = new ArrayList<>(behind.values());
      behind.clear();
    }
    for (Reached at : reached) {
      run(shard -> shard.observe(at.conversation(), at.seq(), at.membersRev()));
    }
  }

  private void release(List<Task> tasks) {
    long bytes = 0;
    for (Task task : tasks) {
      bytes += task.bytes();
    }
    queuedBytes.addAndGet(-bytes);
  }

  @Override
  public void close() {
    worker.close();
  }
}
