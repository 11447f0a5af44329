package chat.engine.internal.feed;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationKind;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.util.Timers;
import chat.engine.spi.MessageStore;
import chat.engine.spi.StoredMessage;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * Reads from the store what a feed misses, a page at a time, until the feed has caught up; a read
 * that fails is repeated with a growing pause. Used by the thread of a shard; reads on the threads
 * for repairs.
 */
public final class FeedRepairs {
  /** How long something may be overtaken by what came after it, before it counts as lost. */
  private static final Duration REORDER_GRACE = Duration.ofMillis(25);

  private static final int MAX_DOUBLINGS = 6;
  private static final Duration MAX_DELAY = Duration.ofSeconds(1);
  private static final int PAGE = 256;

  private record Missed(
      List<StoredMessage> messages, List<ConversationChange> changes, long firstSeq) {}

  private final MessageStore store;
  private final StoreThreads reads;
  private final Timers timers;
  private final Metrics metrics;

  public FeedRepairs(MessageStore store, StoreThreads reads, Timers timers, Metrics metrics) {
    this.store = store;
    this.reads = reads;
    this.timers = timers;
    this.metrics = metrics;
  }

  /**
   * @param shard runs tasks on the thread that owns the feed
   * @param afterwards called there when a repair has ended
   */
  void schedule(ConversationFeed feed, Executor shard, Runnable afterwards) {
    Duration delay =
        feed.isCatchingUp()
            ? Duration.ZERO
            : REORDER_GRACE.multipliedBy(1L << Math.min(feed.fruitlessRepairs(), MAX_DOUBLINGS));
    timers.later(
        delay.compareTo(MAX_DELAY) > 0 ? MAX_DELAY : delay,
        () -> shard.execute(() -> repair(feed, shard, afterwards)));
  }

  private void repair(ConversationFeed feed, Executor shard, Runnable afterwards) {
    if (!feed.confirmRepair()) {
      afterwards.run();
      return;
    }
    metrics.count(Metrics.Counter.FEED_REPAIRS);
    Conversation conversation = feed.conversation();
    long head = feed.head();
    long rev = feed.rev();
    boolean lacksMessages = feed.lacksMessages();
    boolean lacksChanges = feed.lacksChanges();
    reads
        .submit(() -> read(conversation, head, rev, lacksMessages, lacksChanges))
        .whenComplete(
            (missed, fault) ->
                shard.execute(
                    () -> {
                      if (fault == null) {
                        feed.repaired(missed.messages(), missed.changes(), missed.firstSeq());
                      } else {
                        feed.repairFailed();
                      }
                      afterwards.run();
                    }));
  }

  private Missed read(
      Conversation conversation, long head, long rev, boolean lacksMessages, boolean lacksChanges) {
    List<StoredMessage> messages = store.after(conversation.id(), head, PAGE);
    // Of a direct conversation whose messages are gone, one wants to know whether it was deleted.
    List<ConversationChange> changes =
        lacksChanges || conversation.kind() == ConversationKind.GROUP || messages.isEmpty()
            ? store.conversations().changes(conversation.id(), rev, PAGE)
            : List.of();
    boolean hasGap = messages.isEmpty() || messages.get(0).message().seq() > head + 1;
    long firstSeq =
        lacksMessages && hasGap // only then they may have expired
            ? store
                .retention()
                .firstSeqs(List.of(conversation.id()))
                .getOrDefault(conversation.id(), 1L)
            : 1;
    return new Missed(messages, changes, firstSeq);
  }
}
