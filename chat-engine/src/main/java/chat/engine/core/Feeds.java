package chat.engine.core;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.Message;
import chat.engine.UserId;
import chat.engine.event.ChatEvent;
import chat.engine.event.ConversationChanged;
import chat.engine.spi.MessageStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * The feeds of this node, spread over stripes by conversation. Groups have a feed as long as a
 * member is connected here; direct conversations get one when something happens in them and lose it
 * when many others are busier. Thread-safe: every method hands over to the stripe of the
 * conversation and returns.
 */
final class Feeds implements AutoCloseable {
  /** How long something may be overtaken by what came after it, before it counts as lost. */
  private static final Duration REORDER_GRACE = Duration.ofMillis(25);

  private static final Duration MAX_REPAIR_DELAY = Duration.ofSeconds(1);
  private static final int REPAIR_PAGE = 256;
  private static final int MAX_DIRECT_FEEDS_PER_STRIPE = 32_768;

  /** A message of this or another node, on its way to the feeds. */
  record Arrival(Conversation conversation, Message message, long membersRev) {}

  private final SessionContext context;
  private final SessionRegistry registry;
  private final Subscriptions subscriptions;
  private final MessageStore store;
  private final StoreReads reads;
  private final ConversationDirectory directory;
  private final Metrics metrics;
  private final Shard[] shards;

  Feeds(
      int stripes,
      SessionContext context,
      SessionRegistry registry,
      Subscriptions subscriptions,
      MessageStore store,
      StoreReads reads,
      ConversationDirectory directory,
      Metrics metrics) {
    this.context = context;
    this.registry = registry;
    this.subscriptions = subscriptions;
    this.store = store;
    this.reads = reads;
    this.directory = directory;
    this.metrics = metrics;
    this.shards = new Shard[stripes];
    ThreadFactory threads = Threads.named("feed");
    for (int i = 0; i < stripes; i++) {
      shards[i] = new Shard(new Stripe(threads));
    }
    metrics.gauge("feed_backlog", this::backlog);
  }

  // ---- messages and changes

  /** Messages that this node committed. */
  void committed(List<Arrival> arrivals) {
    if (shards.length == 1 || arrivals.size() == 1) {
      Shard shard = shard(arrivals.get(0).conversation().id());
      shard.stripe.execute(() -> arrivals.forEach(shard::arrive));
      return;
    }
    Map<Shard, List<Arrival>> byShard = new HashMap<>();
    for (Arrival arrival : arrivals) {
      byShard
          .computeIfAbsent(shard(arrival.conversation().id()), unused -> new ArrayList<>())
          .add(arrival);
    }
    byShard.forEach((shard, own) -> shard.stripe.execute(() -> own.forEach(shard::arrive)));
  }

  /** A message that another node committed. @return false if this node is too busy to take it */
  boolean received(Arrival arrival) {
    Shard shard = shard(arrival.conversation().id());
    return shard.stripe.offerHint(() -> shard.arrive(arrival));
  }

  /** A change, of this or another node. */
  void changed(Conversation conversation, ConversationChange change) {
    Shard shard = shard(conversation.id());
    shard.stripe.execute(() -> shard.change(conversation, change));
  }

  /** A new conversation; those of its members that are connected here enter its feed. */
  void created(Conversation conversation, Collection<UserId> members) {
    Shard shard = shard(conversation.id());
    shard.stripe.execute(() -> shard.created(conversation, members));
  }

  void ephemeral(
      Conversation conversation,
      ChatEvent event,
      @Nullable Session except,
      int most,
      UserId about) {
    Shard shard = shard(conversation.id());
    shard.stripe.offerHint(() -> shard.ephemeral(conversation, event, except, most, about));
  }

  // ---- members of groups

  /**
   * Enters a user into a group's feed. Completes when what is published to the group reaches this
   * node; whatever was committed before that must then be read from the store.
   */
  CompletableFuture<Void> enter(
      Conversation group, UserSessions user, long lastSeq, long membersRev) {
    Shard shard = shard(group.id());
    CompletableFuture<Void> entered = new CompletableFuture<>();
    shard.stripe.execute(
        () -> {
          if (registry.find(user.user()) != user) {
            entered.complete(null); // left again meanwhile, for longer than the grace
            return;
          }
          GroupFeed feed = shard.group(group, lastSeq, membersRev);
          feed.feed.enter(user);
          feed.subscribed.whenComplete((done, fault) -> entered.complete(null));
        });
    return entered;
  }

  /**
   * Enters users of this node into a group that this node did not hear they were added to.
   *
   * @param changes all changes of the group, ascending
   */
  void admit(Conversation group, List<ConversationChange> changes, List<UserId> users) {
    Set<UserId> sinceCreation = new HashSet<>(users);
    for (ConversationChange change : changes) {
      if (change.kind() == ConversationChange.Kind.ADDED && users.contains(change.subject())) {
        sinceCreation.remove(change.subject());
        changed(group, change);
      }
    }
    if (!sinceCreation.isEmpty()) {
      created(group, sinceCreation);
    }
  }

  void leave(ConversationId group, UserSessions user) {
    Shard shard = shard(group);
    shard.stripe.execute(() -> shard.leave(group, user));
  }

  // ---- repair

  void refill(List<Session.Gap> gaps) {
    for (Session.Gap gap : gaps) {
      Shard shard = shard(gap.conversation());
      shard.stripe.execute(
          () -> {
            ConversationFeed feed = shard.find(gap.conversation());
            if (feed != null) {
              feed.rewind(gap.afterSeq());
            }
          });
    }
  }

  /** Tells the feed of a conversation how far the store is, if it concerns this node. */
  void observe(Conversation conversation, long lastSeq, long membersRev) {
    Shard shard = shard(conversation.id());
    shard.stripe.execute(
        () -> {
          ConversationFeed feed = shard.feedFor(conversation, lastSeq + 1);
          if (feed != null) {
            feed.observe(lastSeq, membersRev);
          }
        });
  }

  private void scheduleRepair(Shard shard, ConversationFeed feed) {
    long delay = REORDER_GRACE.toMillis() << Math.min(feed.fruitlessRepairs(), 6);
    reads.later(
        Duration.ofMillis(Math.min(delay, MAX_REPAIR_DELAY.toMillis())),
        () -> shard.stripe.execute(() -> repair(shard, feed)));
  }

  private void repair(Shard shard, ConversationFeed feed) {
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
                shard.stripe.execute(
                    () -> {
                      if (fault == null) {
                        feed.repaired(missed.messages(), missed.changes());
                        shard.closeIfDeserted(feed);
                      } else {
                        feed.repairFailed();
                      }
                    }));
  }

  private record Missed(List<Message> messages, List<ConversationChange> changes) {}

  long backlog() {
    long tasks = 0;
    for (Shard shard : shards) {
      tasks += shard.stripe.backlog();
    }
    return tasks;
  }

  @Override
  public void close() {
    for (Shard shard : shards) {
      shard.stripe.close();
    }
  }

  private Shard shard(ConversationId conversation) {
    long mixed = conversation.value() * 0x9E3779B97F4A7C15L;
    return shards[(int) ((mixed >>> 32) % shards.length)];
  }

  private record GroupFeed(ConversationFeed feed, CompletableFuture<Void> subscribed) {}

  /** The feeds of one stripe. All but the stripe itself belongs to the stripe's thread. */
  private final class Shard {
    private final Stripe stripe;
    private final Map<ConversationId, GroupFeed> groups = new HashMap<>();
    private final LinkedHashMap<ConversationId, ConversationFeed> directs =
        new LinkedHashMap<>(64, 0.75f, true);

    Shard(Stripe stripe) {
      this.stripe = stripe;
    }

    void arrive(Arrival arrival) {
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
      Outgoing outgoing = context.outgoing(event);
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

    @Nullable ConversationFeed find(ConversationId conversation) {
      GroupFeed group = groups.get(conversation);
      return group != null ? group.feed : directs.get(conversation);
    }

    /** The feed, or a new one for a direct conversation if one of its users is here; else null. */
    @Nullable ConversationFeed feedFor(Conversation conversation, long nextSeq) {
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

    GroupFeed group(Conversation conversation, long head, long rev) {
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

    /** What was published before the subscription took effect did not come. */
    private void catchUp(Conversation conversation) {
      reads
          .submit(() -> store.conversations().find(List.of(conversation.id())))
          .thenAccept(
              found ->
                  found
                      .values()
                      .forEach(now -> observe(conversation, now.lastSeq(), now.membersRev())));
    }

    void leave(ConversationId group, UserSessions user) {
      GroupFeed found = groups.get(group);
      if (found != null) {
        found.feed.leave(user);
        closeIfDeserted(found.feed);
      }
    }

    void closeIfDeserted(ConversationFeed feed) {
      ConversationId id = feed.conversation().id();
      if (feed.conversation().kind() == ConversationKind.GROUP
          && feed.hasNoLocals()
          && feed.isIdle()
          && groups.remove(id) != null) {
        subscriptions.release(List.of(Topics.group(id)));
      }
    }

    private ConversationFeed newFeed(Conversation conversation, long head, long rev) {
      return new ConversationFeed(
          conversation, head, rev, context, registry, behind -> scheduleRepair(this, behind));
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
      while (directs.size() > MAX_DIRECT_FEEDS_PER_STRIPE && eldest.hasNext()) {
        if (eldest.next().isIdle()) {
          eldest.remove();
        }
      }
    }
  }
}
