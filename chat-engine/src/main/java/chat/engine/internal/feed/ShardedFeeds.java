package chat.engine.internal.feed;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.Member;
import chat.engine.UserId;
import chat.engine.event.ChatEvent;
import chat.engine.event.ReceiptMoved;
import chat.engine.internal.cluster.Subscriptions;
import chat.engine.internal.conversation.CommittedMessage;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.session.Session;
import chat.engine.internal.session.SessionContext;
import chat.engine.internal.session.SessionRegistry;
import chat.engine.internal.session.UserSessions;
import chat.engine.internal.util.Threads;
import chat.engine.spi.ConversationStore.Receipt;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The feeds of this node, spread over shards by conversation: every method hands over to the thread
 * of the conversation's shard, where {@link FeedShard} does the work, and returns. Messages that a
 * shard has no room for are read from the store later. Thread-safe.
 */
public final class ShardedFeeds implements AutoCloseable {
  /**
   * In a group with more members connected to one node, a receipt is shown to the member's own
   * devices only: the receipts of all members to all members would be the square of the members.
   */
  private static final int MOST_RECIPIENTS_OF_RECEIPTS = 256;

  private final ShardWorker[] shards;
  private final Metrics metrics;

  public ShardedFeeds(
      int shardCount,
      SessionContext context,
      SessionRegistry registry,
      Subscriptions subscriptions,
      FeedRepairs repairs,
      Consumer<Conversation> onSubscribed,
      Metrics metrics) {
    this(
        shardCount,
        ShardWorker.Bounds.DEFAULT,
        context,
        registry,
        subscriptions,
        repairs,
        onSubscribed,
        metrics);
  }

  /**
   * @param onSubscribed told, on any thread, when a group's envelopes reach this node from now on
   */
  ShardedFeeds(
      int shardCount,
      ShardWorker.Bounds bounds,
      SessionContext context,
      SessionRegistry registry,
      Subscriptions subscriptions,
      FeedRepairs repairs,
      Consumer<Conversation> onSubscribed,
      Metrics metrics) {
    this.shards = new ShardWorker[shardCount];
    this.metrics = metrics;
    ThreadFactory threads = Threads.named("feed");
    for (int i = 0; i < shardCount; i++) {
      shards[i] =
          new ShardWorker(threads, bounds, context, registry, subscriptions, repairs, onSubscribed);
    }
    metrics.gauge("feed_backlog", this::backlog);
  }

  // ---- messages and changes

  /** Messages that are in the store, committed by this node or another. */
  public void arrived(List<CommittedMessage> messages) {
    if (shards.length == 1 || messages.size() == 1) {
      arrived(shardOf(messages.get(0).conversation().id()), messages);
      return;
    }
    Map<ShardWorker, List<CommittedMessage>> byShard = new HashMap<>();
    for (CommittedMessage message : messages) {
      byShard
          .computeIfAbsent(shardOf(message.conversation().id()), unused -> new ArrayList<>())
          .add(message);
    }
    byShard.forEach(this::arrived);
  }

  private void arrived(ShardWorker shard, List<CommittedMessage> messages) {
    if (!shard.offer(messages)) {
      metrics.count(Metrics.Counter.FEED_OVERFLOWS, messages.size());
    }
  }

  /** A change, of this or another node. */
  public void changed(Conversation conversation, ConversationChange change) {
    shardOf(conversation.id()).execute(feeds -> feeds.change(conversation, change));
  }

  /** A new conversation; those of its members that are connected here enter its feed. */
  public void created(Conversation conversation, Collection<UserId> members) {
    shardOf(conversation.id()).execute(feeds -> feeds.created(conversation, members));
  }

  /** An event that is dropped when the shard is busy. */
  public void ephemeral(
      Conversation conversation, ChatEvent event, @Nullable Session except, UserId about) {
    offerEphemeral(
        conversation,
        feeds -> feeds.ephemeral(conversation, event, except, Integer.MAX_VALUE, about));
  }

  /**
   * A receipt of a member; in a large group only the member's own sessions see it. Dropped when the
   * shard is busy: the next comparison with the store finds it.
   */
  public void receipt(Conversation conversation, ReceiptMoved moved, @Nullable Session except) {
    offerEphemeral(conversation, receiptTask(conversation, moved, except));
  }

  /** What a member has read who hides it from the others; else as {@link #receipt}. */
  public void ownRead(Conversation conversation, ReceiptMoved read, @Nullable Session except) {
    offerEphemeral(conversation, feeds -> feeds.ownRead(conversation, read, except));
  }

  /** As {@link #foundReceipt}, for a member who hides it from the others. */
  void foundOwnRead(Conversation conversation, ReceiptMoved read) {
    shardOf(conversation.id()).execute(feeds -> feeds.ownRead(conversation, read, null));
  }

  /** A receipt that was found in the store, where nobody looks for it again. */
  void foundReceipt(Conversation conversation, ReceiptMoved moved) {
    shardOf(conversation.id()).execute(receiptTask(conversation, moved, null));
  }

  private static Consumer<FeedShard> receiptTask(
      Conversation conversation, ReceiptMoved moved, @Nullable Session except) {
    return feeds -> feeds.receipt(conversation, moved, except, MOST_RECIPIENTS_OF_RECEIPTS);
  }

  /** A change of preferences, which the member's own sessions see. */
  public void preferences(Conversation conversation, Receipt member, @Nullable Session except) {
    shardOf(conversation.id()).execute(feeds -> feeds.preferences(conversation, member, except));
  }

  private void offerEphemeral(Conversation conversation, Consumer<FeedShard> task) {
    if (!shardOf(conversation.id()).offerEphemeral(task)) {
      metrics.count(Metrics.Counter.EPHEMERAL_DROPPED);
    }
  }

  // ---- members of groups

  /**
   * Enters a user into a group's feed. Completes when what is published to the group reaches this
   * node; whatever was committed before that must then be read from the store.
   */
  public CompletableFuture<Void> enter(
      Conversation group, UserSessions user, long lastSeq, long membersRev) {
    CompletableFuture<Void> entered = new CompletableFuture<>();
    shardOf(group.id()).execute(feeds -> feeds.enter(group, user, lastSeq, membersRev, entered));
    return entered;
  }

  /**
   * Lets members enter a group's feed who may have been added without this node hearing of it.
   *
   * @param members those who are connected here, as the store has them at the rev
   * @param ifOutdated run on the shard's thread if the feed has applied a later change
   */
  void admit(
      Conversation group, List<Member> members, long lastSeq, long rev, Runnable ifOutdated) {
    shardOf(group.id())
        .execute(
            feeds -> {
              if (!feeds.admit(group, members, lastSeq, rev)) {
                ifOutdated.run();
              }
            });
  }

  public void leave(ConversationId group, UserSessions user) {
    shardOf(group).execute(feeds -> feeds.leave(group, user));
  }

  /** Takes a user out who was no member at the given rev of the membership. */
  public void leaveAsOf(ConversationId group, UserSessions user, long rev) {
    shardOf(group).execute(feeds -> feeds.leaveAsOf(group, user, rev));
  }

  // ---- comparing

  /** Delivers again what lies in these gaps. */
  public void refill(List<Session.Gap> gaps) {
    for (Session.Gap gap : gaps) {
      shardOf(gap.conversation())
          .execute(feeds -> feeds.rewind(gap.conversation(), gap.afterSeq()));
    }
  }

  /**
   * Sets back every feed that is ahead of a session whose cursors have just been loaded: what lies
   * between was delivered before the session could take it.
   */
  public void reconcile(Session session, Collection<ConversationId> conversations) {
    Map<ShardWorker, List<ConversationId>> byShard = new HashMap<>();
    for (ConversationId id : conversations) {
      byShard.computeIfAbsent(shardOf(id), unused -> new ArrayList<>()).add(id);
    }
    byShard.forEach(
        (shard, ids) -> shard.execute(feeds -> ids.forEach(id -> feeds.reconcile(session, id))));
  }

  /**
   * Tells the feed of a conversation how far the store is, if the conversation concerns this node.
   *
   * @param ifUnsure run on the shard's thread if it has no feed for it, or one that members of this
   *     node may be missing in
   */
  void observe(Conversation conversation, long lastSeq, long membersRev, Runnable ifUnsure) {
    shardOf(conversation.id())
        .execute(
            feeds -> {
              if (!feeds.observe(conversation, lastSeq, membersRev)) {
                ifUnsure.run();
              }
            });
  }

  /**
   * Tells the feed of a group which rev of the membership is in force. Until it has applied the
   * changes up to that rev it shows nothing ephemeral: a member may have been removed.
   */
  public void membersAt(Conversation conversation, long membersRev) {
    if (membersRev > 0) {
      shardOf(conversation.id()).execute(feeds -> feeds.membersAt(conversation.id(), membersRev));
    }
  }

  /** Tasks that wait or are in work. */
  public long backlog() {
    long tasks = 0;
    for (ShardWorker shard : shards) {
      tasks += shard.backlog();
    }
    return tasks;
  }

  @Override
  public void close() {
    for (ShardWorker shard : shards) {
      shard.close();
    }
  }

  private ShardWorker shardOf(ConversationId conversation) {
    long mixed = conversation.value() * 0x9E3779B97F4A7C15L;
    return shards[(int) ((mixed >>> 32) % shards.length)];
  }
}
