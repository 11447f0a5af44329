package chat.engine.internal;

import chat.engine.Ban;
import chat.engine.ChangeAck;
import chat.engine.ChatException;
import chat.engine.ChatUser;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.ConversationState;
import chat.engine.CreatedInvite;
import chat.engine.Emoji;
import chat.engine.ErrorCode;
import chat.engine.GroupKey;
import chat.engine.GroupUpdate;
import chat.engine.HistoryAccess;
import chat.engine.HistoryQuery;
import chat.engine.Invite;
import chat.engine.InviteCode;
import chat.engine.InviteId;
import chat.engine.Member;
import chat.engine.MemberList;
import chat.engine.MessageEdit;
import chat.engine.MessagePage;
import chat.engine.MessageVersion;
import chat.engine.NewInvite;
import chat.engine.NewMessage;
import chat.engine.Page;
import chat.engine.PageQuery;
import chat.engine.PinAck;
import chat.engine.PinnedMessage;
import chat.engine.Preferences;
import chat.engine.PreferencesEdit;
import chat.engine.Presence;
import chat.engine.Privacy;
import chat.engine.PrivacyEdit;
import chat.engine.Profile;
import chat.engine.ProfileUpdate;
import chat.engine.ReactionAck;
import chat.engine.ReceiptKind;
import chat.engine.Role;
import chat.engine.SearchPage;
import chat.engine.SearchQuery;
import chat.engine.SendAck;
import chat.engine.SyncCursor;
import chat.engine.SyncResult;
import chat.engine.UserId;
import chat.engine.UserReactions;
import chat.engine.hook.UserAction;
import chat.engine.internal.cluster.Envelope;
import chat.engine.internal.cluster.Publisher;
import chat.engine.internal.cluster.Topics;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.internal.conversation.ReceiptWriter;
import chat.engine.internal.feed.ShardedFeeds;
import chat.engine.internal.presence.HiddenPresence;
import chat.engine.internal.presence.TypingTracker;
import chat.engine.internal.privacy.HiddenReads;
import chat.engine.internal.runtime.AcceptedWrites;
import chat.engine.internal.runtime.Answers;
import chat.engine.internal.runtime.EngineOptions;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.runtime.Limit;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.search.Searches;
import chat.engine.internal.send.MessageSender;
import chat.engine.internal.session.Session;
import chat.engine.internal.sync.ConversationStates;
import chat.engine.internal.sync.EditHistory;
import chat.engine.internal.sync.HistoryReader;
import chat.engine.internal.sync.SyncReader;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.MessageStore;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What users can do, for sessions and for users without one: validates, and hands to whom it
 * concerns. Thread-safe.
 */
public final class UserOperations {
  private final MessageStore store;
  private final StoreThreads reads;
  private final Answers answers;
  private final AcceptedWrites writes;
  private final MessageSender sends;
  private final ReceiptWriter receipts;
  private final UserActions actions;
  private final SyncReader syncs;
  private final ConversationStates states;
  private final ConversationDirectory directory;
  private final HiddenPresence presence;
  private final BlockList blocks;
  private final PrivacySettings privacy;
  private final HiddenReads hiddenReads;
  private final Profiles profiles;
  private final ShardedFeeds feeds;
  private final TypingTracker typing;
  private final Publisher publisher;
  private final InstantSource clock;
  private final int maxUsers;
  private final HistoryReader histories;
  private final Searches searches;
  private final EditHistory edits;

  UserOperations(
      MessageStore store,
      StoreThreads reads,
      Answers answers,
      AcceptedWrites writes,
      MessageSender sends,
      ReceiptWriter receipts,
      UserActions actions,
      SyncReader syncs,
      ConversationStates states,
      ConversationDirectory directory,
      HiddenPresence presence,
      BlockList blocks,
      PrivacySettings privacy,
      HiddenReads hiddenReads,
      Profiles profiles,
      ShardedFeeds feeds,
      TypingTracker typing,
      Publisher publisher,
      InstantSource clock,
      HistoryReader histories,
      Searches searches,
      EngineOptions options) {
    this.clock = clock;
    this.store = store;
    this.reads = reads;
    this.answers = answers;
    this.writes = writes;
    this.sends = sends;
    this.receipts = receipts;
    this.actions = actions;
    this.syncs = syncs;
    this.states = states;
    this.directory = directory;
    this.presence = presence;
    this.blocks = blocks;
    this.privacy = privacy;
    this.hiddenReads = hiddenReads;
    this.profiles = profiles;
    this.feeds = feeds;
    this.typing = typing;
    this.publisher = publisher;
    this.maxUsers = options.count(Limit.MAX_USERS_PER_CALL);
    this.histories = histories;
    this.searches = searches;
    this.edits = new EditHistory(store, histories, options);
  }

  CompletableFuture<SendAck> send(
      UserId sender, @Nullable Session session, ConversationId conversation, NewMessage message) {
    return answers.take(() -> sends.send(sender, session, conversation, message));
  }

  CompletableFuture<ChangeAck> editMessage(
      UserId author, ConversationId id, long seq, MessageEdit content) {
    return answers.take(() -> sends.change(author, id, seq, content));
  }

  CompletableFuture<ChangeAck> deleteMessage(UserId actor, ConversationId id, long seq) {
    return actor.isSystem() || !actions.asksHook()
        ? answers.take(() -> sends.change(actor, id, seq, null))
        : answers.call(
            () -> actions.deleteMessage(actor, id, seq, () -> sends.change(actor, id, seq, null)));
  }

  CompletableFuture<ReactionAck> react(
      UserId actor,
      @Nullable Session session,
      ConversationId id,
      long seq,
      Emoji emoji,
      boolean on) {
    return actions.asksHook()
        ? answers.call(
            () ->
                actions.react(
                    actor,
                    id,
                    conversation -> new UserAction.React(actor, conversation, seq, emoji, on),
                    () -> sends.react(actor, session, id, seq, emoji, on)))
        : answers.take(() -> sends.react(actor, session, id, seq, emoji, on));
  }

  /**
   * @param on false to unpin
   */
  CompletableFuture<PinAck> pin(UserId actor, ConversationId id, long seq, boolean on) {
    return actor.isSystem() || !actions.asksHook()
        ? answers.take(() -> sends.pin(actor, id, seq, on))
        : answers.call(() -> actions.pin(actor, id, seq, on, () -> sends.pin(actor, id, seq, on)));
  }

  private <T> CompletableFuture<T> read(Callable<T> call) {
    return answers.call(() -> reads.submit(call));
  }

  private <T> CompletableFuture<T> write(Supplier<CompletableFuture<T>> call) {
    return answers.call(() -> writes.take(call));
  }

  // ---- reading

  CompletableFuture<MessagePage> history(UserId user, ConversationId id, HistoryQuery query) {
    return read(() -> histories.read(user, id, query));
  }

  CompletableFuture<Page<UserReactions>> reactions(
      UserId user, ConversationId id, long seq, @Nullable Emoji emoji, PageQuery<UserId> page) {
    return read(() -> histories.reactions(user, id, seq, emoji, page));
  }

  CompletableFuture<Page<MessageVersion>> edits(
      UserId user, ConversationId id, long seq, PageQuery<Long> page) {
    return read(() -> edits.read(user, id, seq, page));
  }

  CompletableFuture<Page<PinnedMessage>> pins(
      UserId user, ConversationId id, PageQuery<Long> page) {
    return read(() -> histories.pins(user, id, page));
  }

  CompletableFuture<SearchPage> search(UserId user, SearchQuery query) {
    return answers.call(() -> searches.search(user, query));
  }

  /** Loads the cursors of a session; if that fails the session goes on as before. */
  CompletableFuture<SyncResult> sync(Session session, Map<ConversationId, SyncCursor> cursors) {
    return answers.take(() -> syncNow(session, cursors));
  }

  private CompletableFuture<SyncResult> syncNow(
      Session session, Map<ConversationId, SyncCursor> cursors) {
    CompletableFuture<SyncResult> answered = answers.track(new CompletableFuture<>());
    syncs
        .sync(session, cursors, answered::complete)
        .whenComplete(
            (done, fault) -> {
              if (fault != null) {
                session.context().refill(session.abandonSync());
                answers.fail(answered, fault);
              }
            });
    return answered;
  }

  /** A later page of the answer to a sync. */
  CompletableFuture<SyncResult> sync(
      Session session, Map<ConversationId, SyncCursor> cursors, ConversationId after) {
    return read(() -> syncs.page(session, cursors, after));
  }

  CompletableFuture<MemberList> members(UserId user, ConversationId id, PageQuery<UserId> page) {
    return read(
        () -> {
          MemberList members =
              store
                  .conversations()
                  .members(id, page.after(), page.limit())
                  .orElseThrow(() -> Errors.noSuchConversation(id));
          if (user.isSystem()) {
            return members;
          }
          histories.requireMember(user, id);
          return hiddenReads.shownTo(user, members);
        });
  }

  // ---- conversations

  CompletableFuture<Page<Conversation>> conversations(UserId user, PageQuery<ConversationId> page) {
    return read(
        () ->
            Page.of(
                store.conversations().memberships(user, page.after(), page.limit() + 1).stream()
                    .map(ConversationStore.Membership::conversation)
                    .toList(),
                page.limit()));
  }

  CompletableFuture<Page<ConversationState>> inbox(UserId user, PageQuery<ConversationId> page) {
    return read(() -> states.inbox(user, page));
  }

  CompletableFuture<ConversationState> inbox(UserId user, ConversationId conversation) {
    return read(() -> states.inbox(user, conversation));
  }

  CompletableFuture<Integer> ownedGroups(UserId user) {
    return read(() -> store.conversations().ownedGroups(user));
  }

  CompletableFuture<Set<UserId>> fellowMembers(UserId user, Set<UserId> among) {
    Set<UserId> asked = Set.copyOf(among);
    ChatException refusal = tooMany(asked);
    return refusal != null
        ? CompletableFuture.failedFuture(refusal)
        : read(() -> store.conversations().fellowMembers(user, asked));
  }

  CompletableFuture<Conversation> openDirect(UserId user, UserId peer) {
    return write(() -> actions.openDirect(user, peer));
  }

  CompletableFuture<Conversation> openDirectEvenIfBlocked(UserId one, UserId other) {
    return write(() -> actions.openDirectEvenIfBlocked(one, other));
  }

  CompletableFuture<Conversation> createGroup(
      UserId user, @Nullable GroupKey key, String name, Set<UserId> others, HistoryAccess history) {
    return write(() -> actions.createGroup(user, key, name, Set.copyOf(others), history));
  }

  CompletableFuture<Void> renameGroup(UserId user, ConversationId group, String name) {
    return write(() -> actions.renameGroup(user, group, name));
  }

  CompletableFuture<Void> updateGroup(UserId user, ConversationId group, GroupUpdate update) {
    return write(() -> actions.updateGroup(user, group, update));
  }

  CompletableFuture<Void> ban(
      UserId user, ConversationId group, UserId banned, @Nullable Instant until) {
    return write(() -> actions.ban(user, group, banned, until));
  }

  CompletableFuture<Void> unban(UserId user, ConversationId group, UserId banned) {
    return write(() -> actions.unban(user, group, banned));
  }

  CompletableFuture<Page<Ban>> bans(UserId user, ConversationId group, PageQuery<UserId> page) {
    return answers.call(() -> actions.bans(user, group, page));
  }

  CompletableFuture<Void> silence(
      UserId user, ConversationId group, UserId member, @Nullable Instant until) {
    return write(() -> actions.silence(user, group, member, until));
  }

  CompletableFuture<CreatedInvite> createInvite(
      UserId user, ConversationId group, NewInvite invite) {
    return write(() -> actions.createInvite(user, group, invite));
  }

  CompletableFuture<Page<Invite>> invites(
      UserId user, ConversationId group, PageQuery<InviteId> page) {
    return answers.call(() -> actions.invites(user, group, page));
  }

  CompletableFuture<Void> revokeInvite(UserId user, ConversationId group, InviteId invite) {
    return write(() -> actions.revokeInvite(user, group, invite));
  }

  CompletableFuture<Conversation> join(UserId user, InviteCode code) {
    return write(() -> actions.join(user, code));
  }

  CompletableFuture<Void> report(UserId user, ConversationId id, long seq, String reason) {
    return write(() -> actions.report(user, id, seq, reason));
  }

  CompletableFuture<Void> addMembers(UserId user, ConversationId group, Set<UserId> users) {
    return write(() -> actions.addMembers(user, group, Set.copyOf(users)));
  }

  CompletableFuture<Void> removeMembers(UserId user, ConversationId group, Set<UserId> users) {
    return write(() -> actions.removeMembers(user, group, Set.copyOf(users)));
  }

  CompletableFuture<Void> leave(UserId user, ConversationId group) {
    return write(() -> actions.leave(user, group));
  }

  CompletableFuture<Void> setRole(UserId user, ConversationId group, UserId member, Role role) {
    return write(() -> actions.setRole(user, group, member, role));
  }

  // ---- receipts, typing, presence

  CompletableFuture<Void> markRead(
      UserId user, @Nullable Session session, ConversationId id, long seq) {
    return receipt(user, session, id, ReceiptKind.READ, seq);
  }

  CompletableFuture<Void> markReceived(
      UserId user, @Nullable Session session, ConversationId id, long seq) {
    return receipt(user, session, id, ReceiptKind.RECEIVED, seq);
  }

  private CompletableFuture<Void> receipt(
      UserId user, @Nullable Session session, ConversationId id, ReceiptKind kind, long seq) {
    if (seq < 0) {
      return CompletableFuture.failedFuture(
          ChatException.badRequest("a seq is never negative, but this is " + seq));
    }
    return write(() -> receipts.submit(id, user, kind, seq, session));
  }

  CompletableFuture<Preferences> setPreferences(
      UserId user, @Nullable Session session, ConversationId id, PreferencesEdit edit) {
    return write(() -> receipts.submit(id, user, edit, session));
  }

  // ---- blocks

  CompletableFuture<Void> block(UserId user, UserId other) {
    return write(() -> blocks.block(user, other));
  }

  CompletableFuture<Void> unblock(UserId user, UserId other) {
    return write(() -> blocks.unblock(user, other));
  }

  CompletableFuture<Page<UserId>> blocked(UserId user, PageQuery<UserId> page) {
    return answers.call(() -> blocks.blockedBy(user, page));
  }

  CompletableFuture<Set<UserId>> blockedBetween(UserId user, Set<UserId> others) {
    Set<UserId> asked = Set.copyOf(others);
    ChatException refusal = tooMany(asked);
    return refusal != null
        ? CompletableFuture.failedFuture(refusal)
        : answers.call(() -> blocks.between(user, asked));
  }

  // ---- privacy

  CompletableFuture<Privacy> privacy(UserId user) {
    return answers.call(() -> privacy.of(user));
  }

  CompletableFuture<Privacy> setPrivacy(UserId user, @Nullable Session session, PrivacyEdit edit) {
    return write(() -> privacy.set(user, edit, session));
  }

  CompletableFuture<Profile> updateProfile(UserId user, ProfileUpdate update) {
    return write(() -> actions.updateProfile(user, update, () -> profiles.update(user, update)));
  }

  CompletableFuture<List<Profile>> profiles(UserId user, Set<UserId> users) {
    Set<UserId> asked = Set.copyOf(users);
    return asked.size() > ChatUser.MAX_PROFILES
        ? CompletableFuture.failedFuture(
            ChatException.tooLarge(
                "at most " + ChatUser.MAX_PROFILES + " profiles at once, not " + asked.size()))
        : read(() -> profiles.shownTo(user, asked));
  }

  CompletableFuture<Void> typing(Session session, ConversationId id, boolean on) {
    if (on && !typing.isNews(id, session.user())) {
      return CompletableFuture.completedFuture(null);
    }
    TypingTracker.Sign sign = typing.await(id, session.user());
    // A node that has not heard of a removal yet would show the typing to the removed member, and
    // one that has not heard of a block to the blocker.
    return answers.call(
        () ->
            reads
                .submit(
                    () -> {
                      requireNotSilenced(id, session.user(), on);
                      return store.conversations().find(List.of(id)).values();
                    })
                .handle(
                    (found, fault) -> {
                      if (typing.isNewest(sign) && fault == null) {
                        found.stream()
                            .filter(now -> !now.blocked())
                            .forEach(
                                now -> announceTyping(session, now.conversation(), on, now.rev()));
                      }
                      ChatException refusal = fault == null ? null : Errors.toChatException(fault);
                      if (refusal != null && refusal.code() == ErrorCode.FORBIDDEN) {
                        throw refusal;
                      }
                      return null; // dropped, if the store is busy or away
                    }));
  }

  private void requireNotSilenced(ConversationId id, UserId user, boolean on) {
    if (on) {
      store
          .conversations()
          .member(id, user)
          .filter(member -> member.isSilenced(clock.instant()))
          .map(Member::silencedUntil)
          .ifPresent(
              until -> {
                throw Errors.silenced(id, until);
              });
    }
  }

  private void announceTyping(
      Session session, Conversation conversation, boolean on, long membersRev) {
    feeds.membersAt(conversation, membersRev);
    if (session.isLiveIn(conversation.id()) // still
        && typing.announced(conversation, session.user(), on, session)) {
      publisher.publishEphemeral(
          Topics.of(conversation),
          new Envelope.Typing(conversation, session.user(), on, membersRev));
    }
  }

  CompletableFuture<List<Presence>> presence(UserId user, Set<UserId> users) {
    return presence(users, asked -> presence.ask(user, asked));
  }

  /** Of any users, also those who hide their presence. */
  CompletableFuture<List<Presence>> presence(Set<UserId> users) {
    return presence(users, presence::askUnhidden);
  }

  private CompletableFuture<List<Presence>> presence(
      Set<UserId> users, Function<Set<UserId>, CompletableFuture<List<Presence>>> question) {
    Set<UserId> asked = Set.copyOf(users);
    ChatException refusal = tooMany(asked);
    return refusal != null
        ? CompletableFuture.failedFuture(refusal)
        : answers.call(() -> question.apply(asked));
  }

  CompletableFuture<List<Presence>> watchPresence(Session session, Set<UserId> users) {
    ChatException refusal = tooMany(users);
    if (refusal != null) {
      return CompletableFuture.failedFuture(refusal);
    }
    return answers.take(() -> watchNow(session, users));
  }

  private CompletableFuture<List<Presence>> watchNow(Session session, Set<UserId> users) {
    CompletableFuture<List<Presence>> answered = answers.track(new CompletableFuture<>());
    presence
        .watch(session, users, answered::complete)
        .whenComplete(
            (done, fault) -> {
              if (fault != null) {
                answers.fail(answered, fault);
              }
            });
    return answered;
  }

  public void unwatchPresence(Session session) {
    presence.forget(session);
  }

  private @Nullable ChatException tooMany(Set<UserId> users) {
    return users.size() > maxUsers
        ? ChatException.tooLarge("at most " + maxUsers + " users at once, not " + users.size())
        : null;
  }
}
