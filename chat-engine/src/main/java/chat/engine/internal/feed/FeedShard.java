package chat.engine.internal.feed;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.Member;
import chat.engine.UserId;
import chat.engine.event.ChatEvent;
import chat.engine.event.ConversationChanged;
import chat.engine.event.PreferencesChanged;
import chat.engine.event.ReceiptMoved;
import chat.engine.internal.cluster.Subscriptions;
import chat.engine.internal.cluster.Topics;
import chat.engine.internal.conversation.CommittedMessage;
import chat.engine.internal.session.Session;
import chat.engine.internal.session.SessionContext;
import chat.engine.internal.session.SessionRegistry;
import chat.engine.internal.session.SharedEvent;
import chat.engine.internal.session.UserSessions;
import chat.engine.spi.ConversationStore.Receipt;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The feeds of one shard: opens, finds and closes them. Groups have a feed as long as a member is
 * connected here; direct conversations get one when something happens in them, and lose it when
 * many others are busier. Used by the thread of the shard only.
 */
final class FeedShard {
  private static final int MAX_DIRECT_FEEDS = 32_768;

  /** Fewer recipients than there can be, so that only the one is shown whom an event is about. */
  private static final int NOBODY_ELSE = 0;

  private static final class GroupFeed {
    private final ConversationFeed feed;
    private final CompletableFuture<Void> subscribed;

    /**
     * Whether all members who were here when the feed was opened have entered it. Those who come
     * later enter it with the change that adds them, or when they connect.
     */
    private boolean complete;

    GroupFeed(ConversationFeed feed, CompletableFuture<Void> subscribed) {
      this.feed = feed;
      this.subscribed = subscribed;
    }
  }

  private final SessionContext context;
  private final SessionRegistry registry;
  private final Subscriptions subscriptions;
  private final Consumer<ConversationFeed> repairer;
  private final Consumer<Conversation> onSubscribed;
  private final ReorderBuffer.Budget budget = new ReorderBuffer.Budget();
  private final ShownReceipts shownReceipts = new ShownReceipts();
  private final ShownReceipts shownOwnReads = new ShownReceipts();
  private final ShownPreferences shownPreferences = new ShownPreferences();
  private final Map<ConversationId, GroupFeed> groups = new HashMap<>();

  /** The busiest last. */
  private final LinkedHashMap<ConversationId, ConversationFeed> directs =
      new LinkedHashMap<>(64, 0.75f, true);

  /**
   * @param repairer see {@link ConversationFeed}
   * @param onSubscribed told, on any thread, when a group's envelopes reach this node from now on
   */
  FeedShard(
      SessionContext context,
      SessionRegistry registry,
      Subscriptions subscriptions,
      Consumer<ConversationFeed> repairer,
      Consumer<Conversation> onSubscribed) {
    this.context = context;
    this.registry = registry;
    this.subscriptions = subscriptions;
    this.repairer = repairer;
    this.onSubscribed = onSubscribed;
  }

  // ---- messages and changes

  void arrive(CommittedMessage committed) {
    ConversationFeed feed = feedFor(committed.conversation(), committed.message().seq() - 1, 0);
    if (feed != null) {
      feed.offer(committed.message(), committed.membersRev());
    }
  }

  void change(Conversation conversation, ConversationChange change) {
    if (change.kind() == ConversationChange.Kind.DELETED
        && conversation.kind() == ConversationKind.DIRECT) {
      // Kept, so that what comes late is dropped.
      directs.computeIfAbsent(conversation.id(), none -> newFeed(conversation, 0, 0));
      evictDirects();
    }
    if (change.kind() == ConversationChange.Kind.ADDED
        && !groups.containsKey(conversation.id())
        && isAnyHere(change.subjects())) {
      // The first member here: everything before this change is none of this node's business.
      group(conversation, change.atSeq(), change.rev() - 1);
    }
    ConversationFeed feed =
        change.kind().isOfMessage() || change.kind() == ConversationChange.Kind.PEER_REPLACED
            ? feedFor(conversation, change.atSeq(), change.rev() - 1)
            : find(conversation.id());
    if (feed != null) {
      feed.offer(change);
      closeIfDeserted(feed);
    }
  }

  /**
   * Shows a new conversation to its first members. Late news is no news: once a group has changed,
   * its first members need not be members any more, and nobody enters.
   */
  void created(Conversation conversation, Collection<UserId> members) {
    List<UserSessions> here =
        members.stream().map(registry::find).filter(Objects::nonNull).toList();
    if (here.isEmpty()) {
      return;
    }
    if (conversation.kind() == ConversationKind.GROUP) {
      GroupFeed group = group(conversation, 0, 0);
      if (group.feed.rev() > 0) {
        return;
      }
      here.forEach(group.feed::enter);
      group.complete = true;
    }
    here.forEach(user -> show(new ConversationChanged(conversation, null), user));
  }

  private void show(ConversationChanged event, UserSessions user) {
    SharedEvent shared = context.outgoing(event, event.conversation().kind());
    for (Session session : user.sessions()) {
      session.offerChange(shared);
      reconcile(session, event.conversation().id());
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
    if (feed != null && feed.knowsMembers()) {
      feed.deliverEphemeral(event, except, most, about);
    }
  }

  /**
   * Shows a receipt, unless it or a later one was shown before; as soon as it is known who the
   * members are.
   */
  void receipt(Conversation conversation, ReceiptMoved moved, @Nullable Session except, int most) {
    ConversationFeed feed = find(conversation.id());
    if (feed != null && !feed.knowsMembers()) {
      feed.whenMembersAreKnown(() -> receipt(conversation, moved, except, most));
    } else if (shownReceipts.advance(moved)) {
      ephemeral(conversation, moved, except, most, moved.user());
    }
  }

  /** Shows a member who hides it from the others how far they have read on another device. */
  void ownRead(Conversation conversation, ReceiptMoved read, @Nullable Session except) {
    ConversationFeed feed = find(conversation.id());
    if (feed != null && !feed.knowsMembers()) {
      feed.whenMembersAreKnown(() -> ownRead(conversation, read, except));
    } else if (shownOwnReads.advance(read)) {
      ephemeral(conversation, read, except, NOBODY_ELSE, read.user());
    }
  }

  /**
   * Shows a member's preferences to the member's own sessions, unless later ones were shown. Those
   * that overtake the news of the membership are not shown yet: they are found in the store.
   */
  void preferences(Conversation conversation, Receipt member, @Nullable Session except) {
    ConversationFeed feed = find(conversation.id());
    if (feed != null && !feed.knowsMembers()) {
      feed.whenMembersAreKnown(() -> preferences(conversation, member, except));
      return;
    }
    boolean isOfPresentMembership =
        feed == null
            ? conversation.kind() == ConversationKind.DIRECT
            : !feed.hasJoinedAfter(member.user(), member.joinedRev());
    if (isOfPresentMembership && shownPreferences.advance(member)) {
      PreferencesChanged event = new PreferencesChanged(conversation.id(), member.preferences());
      ephemeral(conversation, event, except, NOBODY_ELSE, member.user());
    }
  }

  /** See {@link ShardedFeeds#membersAt}. */
  void membersAt(ConversationId group, long membersRev) {
    ConversationFeed feed = find(group);
    if (feed != null) {
      feed.observe(0, membersRev);
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
    feed.subscribed.whenComplete(
        (done, fault) -> {
          if (fault == null) {
            entered.complete(null);
          } else {
            entered.completeExceptionally(fault);
          }
        });
  }

  /**
   * Lets members enter who may have been added without this node hearing of it. A feed that is not
   * open begins where the first of them joined, so that everything which concerns them follows.
   *
   * @param members those who are connected here, as the store has them at the rev
   * @return false if the feed has applied a later change, so that they must be read again
   */
  boolean admit(Conversation conversation, List<Member> members, long lastSeq, long rev) {
    GroupFeed found = groups.get(conversation.id());
    if (members.isEmpty() && found == null) {
      return true;
    }
    if (found != null && found.feed.membersRev() > rev) {
      return false;
    }
    GroupFeed group =
        found != null ? found : group(conversation, firstSeq(members), firstRev(members));
    for (Member member : members) {
      UserSessions user = registry.find(member.user());
      if (user != null && member.joinedRev() <= group.feed.rev()) { // else the change will come
        admit(group.feed, user);
      }
    }
    group.complete = true;
    group.feed.observe(lastSeq, rev);
    closeIfDeserted(group.feed);
    return true;
  }

  private static long firstSeq(List<Member> members) {
    return members.stream().mapToLong(Member::joinedSeq).min().orElse(0);
  }

  private static long firstRev(List<Member> members) {
    return Math.max(0, members.stream().mapToLong(Member::joinedRev).min().orElse(0) - 1);
  }

  private void admit(ConversationFeed feed, UserSessions user) {
    feed.enter(user);
    if (feed.rev() == 0) {
      show(new ConversationChanged(feed.conversation(), null), user);
    } else {
      for (Session session : user.sessions()) {
        session.resyncUnlessIn(feed.conversation().id()); // the change that added it has passed
      }
    }
  }

  void leave(ConversationId group, UserSessions user) {
    GroupFeed found = groups.get(group);
    if (found != null) {
      found.feed.leave(user);
      closeIfDeserted(found.feed);
    }
  }

  /**
   * Takes a user out of a group's feed who was no member at the given rev, unless the feed has
   * applied a later change, which may have added the user again.
   */
  void leaveAsOf(ConversationId group, UserSessions user, long rev) {
    GroupFeed found = groups.get(group);
    if (found != null && found.feed.membersRev() <= rev) {
      leave(group, user);
    }
  }

  // ---- feeds

  @Nullable ConversationFeed find(ConversationId conversation) {
    GroupFeed group = groups.get(conversation);
    return group != null ? group.feed : directs.get(conversation);
  }

  /**
   * The feed, or a new one for a direct conversation if one of its users is here; else null.
   *
   * @param seq of the last message that need not be delivered to sessions which are loading their
   *     cursors
   * @param rev of the last change that need not be
   */
  private @Nullable ConversationFeed feedFor(Conversation conversation, long seq, long rev) {
    ConversationFeed feed = find(conversation.id());
    if (feed != null || conversation.kind() == ConversationKind.GROUP) {
      return feed;
    }
    Session.Standing lowest = lowestStanding(conversation);
    if (lowest == null) {
      if (!isAnyHere(conversation.peers())) {
        return null;
      }
      // The sessions here are loading their cursors; they are reconciled with this feed after it.
      lowest = new Session.Standing(seq, rev);
    }
    ConversationFeed created = newFeed(conversation, lowest.seq(), lowest.rev());
    directs.put(conversation.id(), created);
    evictDirects();
    return created;
  }

  private boolean isAnyHere(List<UserId> users) {
    for (UserId user : users) { // no stream: asked for every message to users who are not here
      if (registry.find(user) != null) {
        return true;
      }
    }
    return false;
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
    subscribed.whenComplete((done, fault) -> onSubscribed.accept(conversation));
    return created;
  }

  void closeIfDeserted(ConversationFeed feed) {
    ConversationId id = feed.conversation().id();
    if (feed.conversation().kind() == ConversationKind.GROUP
        && feed.hasNoLocals()
        && feed.isIdle()
        && isOpen(feed)) {
      groups.remove(id);
      subscriptions.release(List.of(Topics.group(id)));
    }
  }

  private boolean isOpen(ConversationFeed feed) {
    GroupFeed found = groups.get(feed.conversation().id());
    return found != null && found.feed == feed;
  }

  private ConversationFeed newFeed(Conversation conversation, long head, long rev) {
    return new ConversationFeed(conversation, head, rev, context, registry, budget, repairer);
  }

  private Session.@Nullable Standing lowestStanding(Conversation conversation) {
    Session.Standing lowest = null;
    for (UserId peer : conversation.peers()) {
      UserSessions user = registry.find(peer);
      if (user != null) {
        for (Session session : user.sessions()) {
          Session.Standing here = session.standing(conversation.id());
          if (here != null) {
            lowest =
                lowest == null
                    ? here
                    : new Session.Standing(
                        Math.min(lowest.seq(), here.seq()), Math.min(lowest.rev(), here.rev()));
          }
        }
      }
    }
    return lowest;
  }

  private void evictDirects() {
    Iterator<ConversationFeed> eldest = directs.values().iterator();
    while (directs.size() > MAX_DIRECT_FEEDS && eldest.hasNext()) {
      if (eldest.next().isIdle()) {
        eldest.remove();
      }
    }
  }

  // ---- comparing

  /** Delivers again what lies above the seq. */
  void rewind(ConversationId conversation, long seq) {
    ConversationFeed feed = find(conversation);
    if (feed != null) {
      feed.rewind(seq);
    }
  }

  /** Sets a feed back to where the session stands, if it is ahead. */
  void reconcile(Session session, ConversationId conversation) {
    ConversationFeed feed = find(conversation);
    if (feed != null) {
      feed.rewind(session.neededAfter(conversation, feed.conversation().kind(), feed.head()));
      Session.Standing standing = session.standing(conversation);
      if (standing != null) {
        feed.rewindChanges(standing.rev());
      }
    }
  }

  /**
   * Learns how far the store is.
   *
   * @return whether there is a feed to learn it, with all members here in it
   */
  boolean observe(Conversation conversation, long lastSeq, long rev) {
    ConversationFeed feed = feedFor(conversation, lastSeq, rev);
    if (feed != null) {
      feed.observe(lastSeq, rev);
    }
    GroupFeed group = groups.get(conversation.id());
    return feed != null && (group == null || group.complete);
  }
}
