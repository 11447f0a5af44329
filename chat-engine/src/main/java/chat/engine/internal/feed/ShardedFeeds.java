package chat.engine.internal.feed;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.UserId;
import chat.engine.event.ChatEvent;
import chat.engine.internal.cluster.Subscriptions;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.session.Session;
import chat.engine.internal.session.SessionContext;
import chat.engine.internal.session.SessionRegistry;
import chat.engine.internal.session.UserSessions;
import chat.engine.internal.util.Threads;
import chat.engine.spi.MessageStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
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
 * conversation, where {@link FeedShard} does the work, and returns.
 */
public final class ShardedFeeds implements AutoCloseable {
  /** A message of this or another node, on its way to the feeds. */
  public record Arrival(Conversation conversation, Message message, long membersRev) {}

  private final FeedShard[] stripes;

  public ShardedFeeds(
      int stripeCount,
      SessionContext context,
      SessionRegistry registry,
      Subscriptions subscriptions,
      MessageStore store,
      StoreThreads reads,
      ConversationDirectory directory,
      Metrics metrics) {
    this.stripes = new FeedShard[stripeCount];
    ThreadFactory threads = Threads.named("feed");
    for (int i = 0; i < stripeCount; i++) {
      stripes[i] =
          new FeedShard(
              new ShardThread(threads),
              context,
              registry,
              subscriptions,
              store,
              reads,
              directory,
              metrics);
    }
    metrics.gauge("feed_backlog", this::backlog);
  }

  // ---- messages and changes

  /** Messages that this node committed. */
  public void committed(List<Arrival> arrivals) {
    if (stripes.length == 1 || arrivals.size() == 1) {
      FeedShard own = stripeOf(arrivals.get(0).conversation().id());
      own.stripe().execute(() -> arrivals.forEach(own::arrive));
      return;
    }
    Map<FeedShard, List<Arrival>> byStripe = new HashMap<>();
    for (Arrival arrival : arrivals) {
      byStripe
          .computeIfAbsent(stripeOf(arrival.conversation().id()), unused -> new ArrayList<>())
          .add(arrival);
    }
    byStripe.forEach((own, part) -> own.stripe().execute(() -> part.forEach(own::arrive)));
  }

  /** A message that another node committed. @return false if this node is too busy to take it */
  public boolean received(Arrival arrival) {
    FeedShard own = stripeOf(arrival.conversation().id());
    return own.stripe().offerHint(() -> own.arrive(arrival));
  }

  /** A change, of this or another node. */
  public void changed(Conversation conversation, ConversationChange change) {
    FeedShard own = stripeOf(conversation.id());
    own.stripe().execute(() -> own.change(conversation, change));
  }

  /** A new conversation; those of its members that are connected here enter its feed. */
  public void created(Conversation conversation, Collection<UserId> members) {
    FeedShard own = stripeOf(conversation.id());
    own.stripe().execute(() -> own.created(conversation, members));
  }

  public void ephemeral(
      Conversation conversation,
      ChatEvent event,
      @Nullable Session except,
      int most,
      UserId about) {
    FeedShard own = stripeOf(conversation.id());
    own.stripe().offerHint(() -> own.ephemeral(conversation, event, except, most, about));
  }

  // ---- members of groups

  /**
   * Enters a user into a group's feed. Completes when what is published to the group reaches this
   * node; whatever was committed before that must then be read from the store.
   */
  public CompletableFuture<Void> enter(
      Conversation group, UserSessions user, long lastSeq, long membersRev) {
    FeedShard own = stripeOf(group.id());
    CompletableFuture<Void> entered = new CompletableFuture<>();
    own.stripe().execute(() -> own.enter(group, user, lastSeq, membersRev, entered));
    return entered;
  }

  /**
   * Enters users of this node into a group that this node did not hear they were added to.
   *
   * @param changes all changes of the group, ascending
   */
  public void admit(Conversation group, List<ConversationChange> changes, List<UserId> users) {
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

  public void leave(ConversationId group, UserSessions user) {
    FeedShard own = stripeOf(group);
    own.stripe().execute(() -> own.leave(group, user));
  }

  // ---- repair

  public void refill(List<Session.Gap> gaps) {
    for (Session.Gap gap : gaps) {
      FeedShard own = stripeOf(gap.conversation());
      own.stripe().execute(() -> own.refill(gap));
    }
  }

  /** Tells the feed of a conversation how far the store is, if it concerns this node. */
  public void observe(Conversation conversation, long lastSeq, long membersRev) {
    FeedShard own = stripeOf(conversation.id());
    own.stripe().execute(() -> own.observe(conversation, lastSeq, membersRev));
  }

  public long backlog() {
    long tasks = 0;
    for (FeedShard own : stripes) {
      tasks += own.stripe().backlog();
    }
    return tasks;
  }

  @Override
  public void close() {
    for (FeedShard own : stripes) {
      own.stripe().close();
    }
  }

  private FeedShard stripeOf(ConversationId conversation) {
    long mixed = conversation.value() * 0x9E3779B97F4A7C15L;
    return stripes[(int) ((mixed >>> 32) % stripes.length)];
  }
}
