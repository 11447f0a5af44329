package chat.engine.internal;

import chat.engine.Ban;
import chat.engine.ChangeAck;
import chat.engine.ChatException;
import chat.engine.ChatSession;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.ConversationState;
import chat.engine.CreatedInvite;
import chat.engine.DeviceId;
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
import chat.engine.SyncCursor;
import chat.engine.SyncResult;
import chat.engine.UserId;
import chat.engine.UserReactions;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.session.Session;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A user with a connection: what the application holds of a {@link Session}. The session itself is
 * not given out, so nobody else can take its monitor.
 */
record SessionHandle(UserOperations calls, Session session) implements ChatSession {
  private static <T> CompletableFuture<T> closed() {
    return CompletableFuture.failedFuture(Errors.sessionClosed());
  }

  // ---- the connection

  @Override
  public String id() {
    return session.id();
  }

  @Override
  public UserId user() {
    return session.user();
  }

  @Override
  public DeviceId device() {
    return session.device();
  }

  @Override
  public void pause() {
    session.pause();
  }

  @Override
  public void resume() {
    session.resume();
  }

  @Override
  public void close() {
    session.close();
  }

  @Override
  public CompletableFuture<SyncResult> sync(Map<ConversationId, SyncCursor> deviceCursors) {
    Map<ConversationId, SyncCursor> asked = Map.copyOf(deviceCursors);
    ChatException refusal = session.beginSync();
    return refusal != null ? CompletableFuture.failedFuture(refusal) : calls.sync(session, asked);
  }

  @Override
  public CompletableFuture<SyncResult> sync(
      Map<ConversationId, SyncCursor> deviceCursors, ConversationId after) {
    Map<ConversationId, SyncCursor> asked = Map.copyOf(deviceCursors);
    return session.isClosed() ? closed() : calls.sync(session, asked, after);
  }

  @Override
  public CompletableFuture<Void> typing(ConversationId conversation, boolean on) {
    return session.isLiveIn(conversation)
        ? calls.typing(session, conversation, on)
        : CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<List<Presence>> watchPresence(Set<UserId> users) {
    return session.isClosed() ? closed() : calls.watchPresence(session, Set.copyOf(users));
  }

  // ---- what users can do without a connection, too

  @Override
  public CompletableFuture<Conversation> openDirect(UserId peer) {
    return session.isClosed() ? closed() : calls.openDirect(user(), peer);
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
    return session.isClosed()
        ? closed()
        : calls.createGroup(user(), clientKey, name, others, history);
  }

  @Override
  public CompletableFuture<Void> renameGroup(ConversationId group, String name) {
    return session.isClosed() ? closed() : calls.renameGroup(user(), group, name);
  }

  @Override
  public CompletableFuture<Void> updateGroup(ConversationId group, GroupUpdate update) {
    return session.isClosed() ? closed() : calls.updateGroup(user(), group, update);
  }

  @Override
  public CompletableFuture<Void> ban(ConversationId group, UserId banned, @Nullable Instant until) {
    return session.isClosed() ? closed() : calls.ban(user(), group, banned, until);
  }

  @Override
  public CompletableFuture<Void> unban(ConversationId group, UserId banned) {
    return session.isClosed() ? closed() : calls.unban(user(), group, banned);
  }

  @Override
  public CompletableFuture<Page<Ban>> bans(ConversationId group, PageQuery<UserId> page) {
    return session.isClosed() ? closed() : calls.bans(user(), group, page);
  }

  @Override
  public CompletableFuture<Void> silence(
      ConversationId group, UserId member, @Nullable Instant until) {
    return session.isClosed() ? closed() : calls.silence(user(), group, member, until);
  }

  @Override
  public CompletableFuture<CreatedInvite> createInvite(ConversationId group, NewInvite invite) {
    return session.isClosed() ? closed() : calls.createInvite(user(), group, invite);
  }

  @Override
  public CompletableFuture<Page<Invite>> invites(ConversationId group, PageQuery<InviteId> page) {
    return session.isClosed() ? closed() : calls.invites(user(), group, page);
  }

  @Override
  public CompletableFuture<Void> revokeInvite(ConversationId group, InviteId invite) {
    return session.isClosed() ? closed() : calls.revokeInvite(user(), group, invite);
  }

  @Override
  public CompletableFuture<Conversation> join(InviteCode code) {
    return session.isClosed() ? closed() : calls.join(user(), code);
  }

  @Override
  public CompletableFuture<Void> report(ConversationId conversation, long seq, String reason) {
    return session.isClosed() ? closed() : calls.report(user(), conversation, seq, reason);
  }

  @Override
  public CompletableFuture<Void> addMembers(ConversationId group, Set<UserId> users) {
    return session.isClosed() ? closed() : calls.addMembers(user(), group, users);
  }

  @Override
  public CompletableFuture<Void> removeMembers(ConversationId group, Set<UserId> users) {
    return session.isClosed() ? closed() : calls.removeMembers(user(), group, users);
  }

  @Override
  public CompletableFuture<Void> leave(ConversationId group) {
    return session.isClosed() ? closed() : calls.leave(user(), group);
  }

  @Override
  public CompletableFuture<Void> setRole(ConversationId group, UserId member, Role role) {
    return session.isClosed() ? closed() : calls.setRole(user(), group, member, role);
  }

  @Override
  public CompletableFuture<MemberList> members(
      ConversationId conversation, PageQuery<UserId> page) {
    return session.isClosed() ? closed() : calls.members(user(), conversation, page);
  }

  @Override
  public CompletableFuture<Page<Conversation>> conversations(PageQuery<ConversationId> page) {
    return session.isClosed() ? closed() : calls.conversations(user(), page);
  }

  @Override
  public CompletableFuture<Page<ConversationState>> inbox(PageQuery<ConversationId> page) {
    return session.isClosed() ? closed() : calls.inbox(user(), page);
  }

  @Override
  public CompletableFuture<ConversationState> inbox(ConversationId conversation) {
    return session.isClosed() ? closed() : calls.inbox(user(), conversation);
  }

  @Override
  public CompletableFuture<Set<UserId>> fellowMembers(Set<UserId> among) {
    return session.isClosed() ? closed() : calls.fellowMembers(user(), among);
  }

  @Override
  public CompletableFuture<SendAck> send(ConversationId conversation, NewMessage message) {
    return session.isClosed() ? closed() : calls.send(user(), session, conversation, message);
  }

  @Override
  public CompletableFuture<ChangeAck> editMessage(
      ConversationId conversation, long seq, MessageEdit content) {
    return session.isClosed() ? closed() : calls.editMessage(user(), conversation, seq, content);
  }

  @Override
  public CompletableFuture<Page<MessageVersion>> edits(
      ConversationId conversation, long seq, PageQuery<Long> page) {
    return session.isClosed() ? closed() : calls.edits(user(), conversation, seq, page);
  }

  @Override
  public CompletableFuture<ChangeAck> deleteMessage(ConversationId conversation, long seq) {
    return session.isClosed() ? closed() : calls.deleteMessage(user(), conversation, seq);
  }

  @Override
  public CompletableFuture<ReactionAck> react(
      ConversationId conversation, long seq, Emoji emoji, boolean on) {
    return session.isClosed()
        ? closed()
        : calls.react(user(), session, conversation, seq, emoji, on);
  }

  @Override
  public CompletableFuture<Page<UserReactions>> reactions(
      ConversationId conversation, long seq, @Nullable Emoji emoji, PageQuery<UserId> page) {
    return session.isClosed() ? closed() : calls.reactions(user(), conversation, seq, emoji, page);
  }

  @Override
  public CompletableFuture<PinAck> pin(ConversationId conversation, long seq) {
    return session.isClosed() ? closed() : calls.pin(user(), conversation, seq, true);
  }

  @Override
  public CompletableFuture<PinAck> unpin(ConversationId conversation, long seq) {
    return session.isClosed() ? closed() : calls.pin(user(), conversation, seq, false);
  }

  @Override
  public CompletableFuture<Page<PinnedMessage>> pins(
      ConversationId conversation, PageQuery<Long> page) {
    return session.isClosed() ? closed() : calls.pins(user(), conversation, page);
  }

  @Override
  public CompletableFuture<MessagePage> history(ConversationId conversation, HistoryQuery query) {
    return session.isClosed() ? closed() : calls.history(user(), conversation, query);
  }

  @Override
  public CompletableFuture<SearchPage> search(SearchQuery query) {
    return session.isClosed() ? closed() : calls.search(user(), query);
  }

  @Override
  public CompletableFuture<Void> markRead(ConversationId conversation, long seq) {
    return session.isClosed() ? closed() : calls.markRead(user(), session, conversation, seq);
  }

  @Override
  public CompletableFuture<Void> markReceived(ConversationId conversation, long seq) {
    return session.isClosed() ? closed() : calls.markReceived(user(), session, conversation, seq);
  }

  @Override
  public CompletableFuture<Preferences> setPreferences(
      ConversationId conversation, PreferencesEdit edit) {
    return session.isClosed()
        ? closed()
        : calls.setPreferences(user(), session, conversation, edit);
  }

  @Override
  public CompletableFuture<Void> block(UserId other) {
    return session.isClosed() ? closed() : calls.block(user(), other);
  }

  @Override
  public CompletableFuture<Void> unblock(UserId other) {
    return session.isClosed() ? closed() : calls.unblock(user(), other);
  }

  @Override
  public CompletableFuture<Page<UserId>> blocked(PageQuery<UserId> page) {
    return session.isClosed() ? closed() : calls.blocked(user(), page);
  }

  @Override
  public CompletableFuture<Privacy> privacy() {
    return session.isClosed() ? closed() : calls.privacy(user());
  }

  @Override
  public CompletableFuture<Privacy> setPrivacy(PrivacyEdit edit) {
    return session.isClosed() ? closed() : calls.setPrivacy(user(), session, edit);
  }

  @Override
  public CompletableFuture<Profile> updateProfile(ProfileUpdate update) {
    return session.isClosed() ? closed() : calls.updateProfile(user(), update);
  }

  @Override
  public CompletableFuture<List<Profile>> profiles(Set<UserId> users) {
    return session.isClosed() ? closed() : calls.profiles(user(), users);
  }

  @Override
  public CompletableFuture<List<Presence>> presence(Set<UserId> users) {
    return session.isClosed() ? closed() : calls.presence(user(), users);
  }
}
