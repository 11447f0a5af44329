package chat.engine.internal.feed;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.Message;
import chat.engine.UserId;
import chat.engine.event.ChatEvent;
import chat.engine.event.ConversationChanged;
import chat.engine.internal.cluster.Subscriptions;
import chat.engine.internal.cluster.Topics;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.session.Cursors;
import chat.engine.internal.session.Session;
import chat.engine.internal.session.SessionContext;
import chat.engine.internal.session.SessionRegistry;
import chat.engine.internal.session.SharedEvent;
import chat.engine.internal.session.UserSessions;
import chat.engine.spi.MessageStore;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The feeds of one stripe: opens, finds and closes them, and reads from the store what they miss.
 * All but {@link #stripe} is called by the stripe's thread only, which owns them.
 */
final class FeedShard {
  /** How long something may be overtaken by what came after it, before it counts as lost. */
  private static final Duration REORDER_GRACE = Duration.ofMillis(25);

  private static final Duration MAX_REPAIR_DELAY = Duration.ofSeconds(1);
  private static final int REPAIR_PAGE = 256;
  private static final int MAX_DIRECT_FEEDS = 32_768;

  private record GroupFeed(ConversationFeed feed, CompletableFuture<Void> subscribed) {}

  private record Missed(List<Message> messages, List<ConversationChange> changes) {}

  private final ShardThread stripe;
  private final SessionContext context;
  private final SessionRegistry registry;
  private final Subscriptions subscriptions;
  private final MessageStore store;
  private final StoreThreads reads;
  private final ConversationDirectory directory;
  private final Metrics metrics;
  private final Map<ConversationId, GroupFeed> groups = new HashMap<>();

  /** The busiest last. */
  private final LinkedHashMap<ConversationId, ConversationFeed> directs =
      new LinkedHashMap<>(64, 0.75f, true);

  FeedShard(
      ShardThread stripe,
      SessionContext context,
      SessionRegistry registry,
      Subscriptions subscriptions,
      MessageStore store,
      StoreThreads reads,
      ConversationDirectory directory,
      Metrics metrics) {
    this.stripe = stripe;
    this.context = context;
    this.registry = registry;
    this.subscriptions = subscriptions;
    this.store = store;
    this.reads = reads;
    this.directory = directory;
    this.metrics = metrics;
  }

  ShardThread stripe() {
    return stripe;
  }

  // ---- messages and changes

  void arrive(ShardedFeeds.Arrival arrival) {
    ConversationFeed feed = feedFor(arrival.conversation(), arrival.message().seq());
    if (feed != null) {
      feed.offer(arrival.message(), arrival.membersRev());
    }
  }

  void change(Conversation conversation, ConversationChange change) {
    directory.update(conversation, change);
    UserId subject = change.subject();
    boolean joins = change.kind() == ConversationChange.Kind.ADDED;
    if (joins
        && !groups.containsKey(conversation.id())
        && subject != null
        && registry.find(subject) != null) {
      // The first member here: everything before this change is none of this node's business.
      group(conversation, change.atSeq(), change.rev() - 1);
    }
    ConversationFeed feed = find(conversation.id());
    if (feed != null) {
      feed.offer(change);
      closeIfDeserted(feed);
    }
  }

  void created(Conversation conversation, Collection<UserId> members) {
    ConversationChanged event = new ConversationChanged(conversation, null);
    SharedEvent outgoing = context.outgoing(event);
    for (UserId member : members) {
      UserSessions user = registry.find(member);
      if (user == null) {
        continue;
      }
      if (conversation.kind() == ConversationKind.GROUP) {
        group(conversation, 0, 0).feed.enter(user);
      }
      for (Session session : user.sessions()) {
        session.offerChange(event, outgoing);
      }
    }
  }

  void ephemeral(
      Conversation conversation,
      ChatEvent event,
      @Nullable Session except,
      int most,
      UserId about) {
    ConversationFeed feed = find(conversation.id());
    if (feed == null && conversation.kind() == ConversationKind.DIRECT) {
      feed = newFeed(conversation, 0, 0); // only to find its users; not kept
    }
    if (feed != null) {
      feed.deliverEphemeral(event, except, most, about);
    }
  }

  // ---- members of groups

  /**
   * @param entered completes when what is published to the group reaches this node
   */
  void enter(
      Conversation group,
      UserSessions user,
      long lastSeq,
      long membersRev,
      CompletableFuture<Void> entered) {
    if (registry.find(user.user()) != user) {
      entered.complete(null); // left again meanwhile, for longer than the grace
      return;
    }
    GroupFeed feed = group(group, lastSeq, membersRev);
    feed.feed.enter(user);
    feed.subscribed.whenComplete((done, fault) -> entered.complete(null));
  }

  void leave(ConversationId group, UserSessions user) {
    GroupFeed found = groups.get(group);
    if (found != null) {
      found.feed.leave(user);
      closeIfDeserted(found.feed);
    }
  }

  // ---- feeds

  private @Nullable ConversationFeed find(ConversationId conversation) {
    GroupFeed group = groups.get(conversation);
    return group != null ? group.feed : directs.get(conversation);
  }

  /** The feed, or a new one for a direct conversation if one of its users is here; else null. */
  private @Nullable ConversationFeed feedFor(Conversation conversation, long nextSeq) {
    ConversationFeed feed = find(conversation.id());
    if (feed != null || conversation.kind() == ConversationKind.GROUP) {
      return feed;
    }
    long head = lowestCursor(conversation);
    if (head == Cursors.ABSENT) {
      if (conversation.peers().stream().allMatch(peer -> registry.find(peer) == null)) {
        return null;
      }
      head = nextSeq - 1; // whoever is here is still loading, and will ask for what is missing
    }
    ConversationFeed created = newFeed(conversation, head, 0);
    directs.put(conversation.id(), created);
    evictDirects();
    return created;
  }

  private GroupFeed group(Conversation conversation, long head, long rev) {
    GroupFeed found = groups.get(conversation.id());
    if (found != null) {
      return found;
    }
    ConversationFeed feed = newFeed(conversation, head, rev);
    CompletableFuture<Void> subscribed =
        subscriptions.acquire(List.of(Topics.group(conversation.id())));
    GroupFeed created = new GroupFeed(feed, subscribed);
    groups.put(conversation.id(), created);
    subscribed.whenComplete((done, fault) -> catchUp(conversation));
    return created;
  }

  private void closeIfDeserted(ConversationFeed feed) {
    ConversationId id = feed.conversation().id();
    if (feed.conversation().kind() == ConversationKind.GROUP
        && feed.hasNoLocals()
        && feed.isIdle()
        && groups.remove(id) != null) {
      subscriptions.release(List.of(Topics.group(id)));
    }
  }

  private ConversationFeed newFeed(Conversation conversation, long head, long rev) {
    return new ConversationFeed(conversation, head, rev, context, registry, this::scheduleRepair);
  }

  private long lowestCursor(Conversation conversation) {
    long lowest = Long.MAX_VALUE;
    for (UserId peer : conversation.peers()) {
      UserSessions user = registry.find(peer);
      if (user != null) {
        for (Session session : user.sessions()) {
          long cursor = session.streamCursor(conversation.id());
          if (cursor != Cursors.ABSENT) {
            lowest = Math.min(lowest, cursor);
          }
        }
      }
    }
    return lowest == Long.MAX_VALUE ? Cursors.ABSENT : lowest;
  }

  private void evictDirects() {
    Iterator<ConversationFeed> eldest = directs.values().iterator();
    while (directs.size() > MAX_DIRECT_FEEDS && eldest.hasNext()) {
      if (eldest.next().isIdle()) {
        eldest.remove();
      }
    }
  }

  // ---- repair

  /** Delivers again what lies above the seq. */
  void refill(Session.Gap gap) {
    ConversationFeed feed = find(gap.conversation());
    if (feed != null) {
      feed.rewind(gap.afterSeq());
    }
  }

  /** Learns how far the store is. */
  void observe(Conversation conversation, long lastSeq, long membersRev) {
    ConversationFeed feed = feedFor(conversation, lastSeq + 1);
    if (feed != null) {
      feed.observe(lastSeq, membersRev);
    }
  }

  /** What was published before the subscription took effect did not come. */
  private void catchUp(Conversation conversation) {
    reads
        .submit(() -> store.conversations().find(List.of(conversation.id())))
        .thenAccept(
            found ->
                found
                    .values()
                    .forEach(
                        now ->
                            stripe.execute(
                                () -> observe(conversation, now.lastSeq(), now.membersRev()))));
  }

  private void scheduleRepair(ConversationFeed feed) {
    long delay = REORDER_GRACE.toMillis() << Math.min(feed.fruitlessRepairs(), 6);
    reads.later(
        Duration.ofMillis(Math.min(delay, MAX_REPAIR_DELAY.toMillis())),
        () -> stripe.execute(() -> repair(feed)));
  }

  private void repair(ConversationFeed feed) {
    if (!feed.confirmRepair()) {
      return;
    }
    metrics.count(Metrics.Counter.FEED_REPAIRS);
    Conversation conversation = feed.conversation();
    long head = feed.head();
    long rev = feed.rev();
    reads
        .submit(
            () -> {
              // Messages first: a change that is in force for one of them is then found below.
              List<Message> messages = store.after(conversation.id(), head, REPAIR_PAGE);
              List<ConversationChange> changes =
                  conversation.kind() == ConversationKind.GROUP
                      ? store.conversations().changes(conversation.id(), rev, REPAIR_PAGE)
                      : List.of();
              return new Missed(messages, changes);
            })
        .whenComplete(
            (missed, fault) ->
                stripe.execute(
                    () -> {
                      if (fault == null) {
                        feed.repaired(missed.messages(), missed.changes());
                        closeIfDeserted(feed);
                      } else {
                        feed.repairFailed();
                      }
                    }));
  }
}
