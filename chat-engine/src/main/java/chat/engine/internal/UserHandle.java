package chat.engine.internal;

import chat.engine.Ban;
import chat.engine.ChangeAck;
import chat.engine.ChatUser;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.ConversationState;
import chat.engine.CreatedInvite;
import chat.engine.Emoji;
import chat.engine.GroupKey;
import chat.engine.GroupUpdate;
import chat.engine.HistoryAccess;
import chat.engine.HistoryQuery;
import chat.engine.Invite;
import chat.engine.InviteCode;
import chat.engine.InviteId;
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
import chat.engine.Role;
import chat.engine.SearchPage;
import chat.engine.SearchQuery;
import chat.engine.SendAck;
import chat.engine.UserId;
import chat.engine.UserReactions;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A user without a connection. */
record UserHandle(UserOperations calls, UserId user) implements ChatUser {
  @Override
  public CompletableFuture<Conversation> openDirect(UserId peer) {
    return calls.openDirect(user, peer);
  }

  @Override
  public CompletableFuture<Conversation> createGroup(String name, Set<UserId> others) {
    return createGroup(null, name, others, HistoryAccess.ALL);
  }

  @Override
  public CompletableFuture<Conversation> createGroup(
      GroupKey clientKey, String name, Set<UserId> others) {
    return createGroup(clientKey, name, others, HistoryAccess.ALL);
  }

  @Override
  public CompletableFuture<Conversation> createGroup(
      @Nullable GroupKey clientKey, String name, Set<UserId> others, HistoryAccess history) {
    return calls.createGroup(user, clientKey, name, others, history);
  }

  @Override
  public CompletableFuture<Void> renameGroup(ConversationId group, String name) {
    return calls.renameGroup(user, group, name);
  }

  @Override
  public CompletableFuture<Void> updateGroup(ConversationId group, GroupUpdate update) {
    return calls.updateGroup(user, group, update);
  }

  @Override
  public CompletableFuture<Void> ban(ConversationId group, UserId banned, @Nullable Instant until) {
    return calls.ban(user, group, banned, until);
  }

  @Override
  public CompletableFuture<Void> unban(ConversationId group, UserId banned) {
    return calls.unban(user, group, banned);
  }

  @Override
  public CompletableFuture<Page<Ban>> bans(ConversationId group, PageQuery<UserId> page) {
    return calls.bans(user, group, page);
  }

  @Override
  public CompletableFuture<Void> silence(
      ConversationId group, UserId member, @Nullable Instant until) {
    return calls.silence(user, group, member, until);
  }

  @Override
  public CompletableFuture<CreatedInvite> createInvite(ConversationId group, NewInvite invite) {
    return calls.createInvite(user, group, invite);
  }

  @Override
  public CompletableFuture<Page<Invite>> invites(ConversationId group, PageQuery<InviteId> page) {
    return calls.invites(user, group, page);
  }

  @Override
  public CompletableFuture<Void> revokeInvite(ConversationId group, InviteId invite) {
    return calls.revokeInvite(user, group, invite);
  }

  @Override
  public CompletableFuture<Conversation> join(InviteCode code) {
    return calls.join(user, code);
  }

  @Override
  public CompletableFuture<Void> report(ConversationId conversation, long seq, String reason) {
    return calls.report(user, conversation, seq, reason);
  }

  @Override
  public CompletableFuture<Void> addMembers(ConversationId group, Set<UserId> users) {
    return calls.addMembers(user, group, users);
  }

  @Override
  public CompletableFuture<Void> removeMembers(ConversationId group, Set<UserId> users) {
    return calls.removeMembers(user, group, users);
  }

  @Override
  public CompletableFuture<Void> leave(ConversationId group) {
    return calls.leave(user, group);
  }

  @Override
  public CompletableFuture<Void> setRole(ConversationId group, UserId member, Role role) {
    return calls.setRole(user, group, member, role);
  }

  @Override
  public CompletableFuture<MemberList> members(
      ConversationId conversation, PageQuery<UserId> page) {
    return calls.members(user, conversation, page);
  }

  @Override
  public CompletableFuture<Page<Conversation>> conversations(PageQuery<ConversationId> page) {
    return calls.conversations(user, page);
  }

  @Override
  public CompletableFuture<Page<ConversationState>> inbox(PageQuery<ConversationId> page) {
    return calls.inbox(user, page);
  }

  @Override
  public CompletableFuture<ConversationState> inbox(ConversationId conversation) {
    return calls.inbox(user, conversation);
  }

  @Override
  public CompletableFuture<Set<UserId>> fellowMembers(Set<UserId> among) {
    return calls.fellowMembers(user, among);
  }

  @Override
  public CompletableFuture<SendAck> send(ConversationId conversation, NewMessage message) {
    return calls.send(user, null, conversation, message);
  }

  @Override
  public CompletableFuture<ChangeAck> editMessage(
      ConversationId conversation, long seq, MessageEdit content) {
    return calls.editMessage(user, conversation, seq, content);
  }

  @Override
  public CompletableFuture<Page<MessageVersion>> edits(
      ConversationId conversation, long seq, PageQuery<Long> page) {
    return calls.edits(user, conversation, seq, page);
  }

  @Override
  public CompletableFuture<ChangeAck> deleteMessage(ConversationId conversation, long seq) {
    return calls.deleteMessage(user, conversation, seq);
  }

  @Override
  public CompletableFuture<ReactionAck> react(
      ConversationId conversation, long seq, Emoji emoji, boolean on) {
    return calls.react(user, null, conversation, seq, emoji, on);
  }

  @Override
  public CompletableFuture<Page<UserReactions>> reactions(
      ConversationId conversation, long seq, @Nullable Emoji emoji, PageQuery<UserId> page) {
    return calls.reactions(user, conversation, seq, emoji, page);
  }

  @Override
  public CompletableFuture<PinAck> pin(ConversationId conversation, long seq) {
    return calls.pin(user, conversation, seq, true);
  }

  @Override
  public CompletableFuture<PinAck> unpin(ConversationId conversation, long seq) {
    return calls.pin(user, conversation, seq, false);
  }

  @Override
  public CompletableFuture<Page<PinnedMessage>> pins(
      ConversationId conversation, PageQuery<Long> page) {
    return calls.pins(user, conversation, page);
  }

  @Override
  public CompletableFuture<MessagePage> history(ConversationId conversation, HistoryQuery query) {
    return calls.history(user, conversation, query);
  }

  @Override
  public CompletableFuture<SearchPage> search(SearchQuery query) {
    return calls.search(user, query);
  }

  @Override
  public CompletableFuture<Void> markRead(ConversationId conversation, long seq) {
    return calls.markRead(user, null, conversation, seq);
  }

  @Override
  public CompletableFuture<Void> markReceived(ConversationId conversation, long seq) {
    return calls.markReceived(user, null, conversation, seq);
  }

  @Override
  public CompletableFuture<Preferences> setPreferences(
      ConversationId conversation, PreferencesEdit edit) {
    return calls.setPreferences(user, null, conversation, edit);
  }

  @Override
  public CompletableFuture<Void> block(UserId other) {
    return calls.block(user, other);
  }

  @Override
  public CompletableFuture<Void> unblock(UserId other) {
    return calls.unblock(user, other);
  }

  @Override
  public CompletableFuture<Page<UserId>> blocked(PageQuery<UserId> page) {
    return calls.blocked(user, page);
  }

  @Override
  public CompletableFuture<Privacy> privacy() {
    return calls.privacy(user);
  }

  @Override
  public CompletableFuture<Privacy> setPrivacy(PrivacyEdit edit) {
    return calls.setPrivacy(user, null, edit);
  }

  @Override
  public CompletableFuture<Profile> updateProfile(ProfileUpdate update) {
    return calls.updateProfile(user, update);
  }

  @Override
  public CompletableFuture<List<Profile>> profiles(Set<UserId> users) {
    return calls.profiles(user, users);
  }

  @Override
  public CompletableFuture<List<Presence>> presence(Set<UserId> users) {
    return calls.presence(user, users);
  }
}
