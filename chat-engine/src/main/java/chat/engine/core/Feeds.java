package chat.engine.core;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.UserId;
import chat.engine.event.ChatEvent;
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
 * conversation, where {@link StripeFeeds} does the work, and returns.
 */
final class Feeds implements AutoCloseable {
  /** A message of this or another node, on its way to the feeds. */
  record Arrival(Conversation conversation, Message message, long membersRev) {}

  private final StripeFeeds[] stripes;

  Feeds(
      int stripeCount,
      SessionContext context,
      SessionRegistry registry,
      Subscriptions subscriptions,
      MessageStore store,
      StoreReads reads,
      ConversationDirectory directory,
      Metrics metrics) {
    this.stripes = new StripeFeeds[stripeCount];
    ThreadFactory threads = Threads.named("feed");
    for (int i = 0; i < stripeCount; i++) {
      stripes[i] =
          new StripeFeeds(
              new Stripe(threads),
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
  void committed(List<Arrival> arrivals) {
    if (stripes.length == 1 || arrivals.size() == 1) {
      StripeFeeds own = stripeOf(arrivals.get(0).conversation().id());
      own.stripe().execute(() -> arrivals.forEach(own::arrive));
      return;
    }
    Map<StripeFeeds, List<Arrival>> byStripe = new HashMap<>();
    for (Arrival arrival : arrivals) {
      byStripe
          .computeIfAbsent(stripeOf(arrival.conversation().id()), unused -> new ArrayList<>())
          .add(arrival);
    }
    byStripe.forEach((own, part) -> own.stripe().execute(() -> part.forEach(own::arrive)));
  }

  /** A message that another node committed. @return false if this node is too busy to take it */
  boolean received(Arrival arrival) {
    StripeFeeds own = stripeOf(arrival.conversation().id());
    return own.stripe().offerHint(() -> own.arrive(arrival));
  }

  /** A change, of this or another node. */
  void changed(Conversation conversation, ConversationChange change) {
    StripeFeeds own = stripeOf(conversation.id());
    own.stripe().execute(() -> own.change(conversation, change));
  }

  /** A new conversation; those of its members that are connected here enter its feed. */
  void created(Conversation conversation, Collection<UserId> members) {
    StripeFeeds own = stripeOf(conversation.id());
    own.stripe().execute(() -> own.created(conversation, members));
  }

  void ephemeral(
      Conversation conversation,
      ChatEvent event,
      @Nullable Session except,
      int most,
      UserId about) {
    StripeFeeds own = stripeOf(conversation.id());
    own.stripe().offerHint(() -> own.ephemeral(conversation, event, except, most, about));
  }

  // ---- members of groups

  /**
   * Enters a user into a group's feed. Completes when what is published to the group reaches this
   * node; whatever was committed before that must then be read from the store.
   */
  CompletableFuture<Void> enter(
      Conversation group, UserSessions user, long lastSeq, long membersRev) {
    StripeFeeds own = stripeOf(group.id());
    CompletableFuture<Void> entered = new CompletableFuture<>();
    own.stripe().execute(() -> own.enter(group, user, lastSeq, membersRev, entered));
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
      if (change.kind() == ConversationChange.Kind.ADDED
          && users.stream().anyMatch(change.subjects()::contains)) {
        change.subjects().forEach(sinceCreation::remove);
        changed(group, change);
      }
    }
    if (!sinceCreation.isEmpty()) {
      created(group, sinceCreation);
    }
  }

  void leave(ConversationId group, UserSessions user) {
    StripeFeeds own = stripeOf(group);
    own.stripe().execute(() -> own.leave(group, user));
  }

  // ---- repair

  void refill(List<Session.Gap> gaps) {
    for (Session.Gap gap : gaps) {
      StripeFeeds own = stripeOf(gap.conversation());
      own.stripe().execute(() -> own.refill(gap));
    }
  }

  /** Tells the feed of a conversation how far the store is, if it concerns this node. */
  void observe(Conversation conversation, long lastSeq, long membersRev) {
    StripeFeeds own = stripeOf(conversation.id());
    own.stripe().execute(() -> own.observe(conversation, lastSeq, membersRev));
  }

  long backlog() {
    long tasks = 0;
    for (StripeFeeds own : stripes) {
      tasks += own.stripe().backlog();
    }
    return tasks;
  }

  @Override
  public void close() {
    for (StripeFeeds own : stripes) {
      own.stripe().close();
    }
  }

  private StripeFeeds stripeOf(ConversationId conversation) {
    long mixed = conversation.value() * 0x9E3779B97F4A7C15L;
    return stripes[(int) ((mixed >>> 32) % stripes.length)];
  }
}
