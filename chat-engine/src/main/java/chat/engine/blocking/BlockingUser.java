package chat.engine.blocking;

import chat.engine.Ban;
import chat.engine.ChangeAck;
import chat.engine.ChatUser;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.ConversationState;
import chat.engine.CreatedInvite;
import chat.engine.Emoji;
import chat.engine.Experimental;
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
import org.jspecify.annotations.Nullable;

/**
 * A {@link ChatUser} whose calls wait for their answers; each method does what the one of the same
 * name does there. Errors and interrupts as for {@link BlockingChat}. Thread-safe.
 */
public final class BlockingUser {
  private final ChatUser calls;

  BlockingUser(ChatUser calls) {
    this.calls = calls;
  }

  public UserId user() {
    return calls.user();
  }

  public Conversation openDirect(UserId peer) {
    return Await.result(calls.openDirect(peer));
  }

  public Conversation createGroup(String name, Set<UserId> others) {
    return Await.result(calls.createGroup(name, others));
  }

  public Conversation createGroup(GroupKey clientKey, String name, Set<UserId> others) {
    return Await.result(calls.createGroup(clientKey, name, others));
  }

  public Conversation createGroup(
      @Nullable GroupKey clientKey, String name, Set<UserId> others, HistoryAccess history) {
    return Await.result(calls.createGroup(clientKey, name, others, history));
  }

  public void renameGroup(ConversationId group, String name) {
    Await.result(calls.renameGroup(group, name));
  }

  public void updateGroup(ConversationId group, GroupUpdate update) {
    Await.result(calls.updateGroup(group, update));
  }

  public void ban(ConversationId group, UserId user, @Nullable Instant until) {
    Await.result(calls.ban(group, user, until));
  }

  public void unban(ConversationId group, UserId user) {
    Await.result(calls.unban(group, user));
  }

  public Page<Ban> bans(ConversationId group, PageQuery<UserId> page) {
    return Await.result(calls.bans(group, page));
  }

  public void silence(ConversationId group, UserId member, @Nullable Instant until) {
    Await.result(calls.silence(group, member, until));
  }

  public CreatedInvite createInvite(ConversationId group, NewInvite invite) {
    return Await.result(calls.createInvite(group, invite));
  }

  public Page<Invite> invites(ConversationId group, PageQuery<InviteId> page) {
    return Await.result(calls.invites(group, page));
  }

  public void revokeInvite(ConversationId group, InviteId invite) {
    Await.result(calls.revokeInvite(group, invite));
  }

  public void revokeInvite(InviteCode code) {
    Await.result(calls.revokeInvite(code));
  }

  public Conversation join(InviteCode code) {
    return Await.result(calls.join(code));
  }

  public void report(ConversationId conversation, long seq, String reason) {
    Await.result(calls.report(conversation, seq, reason));
  }

  public void addMembers(ConversationId group, Set<UserId> users) {
    Await.result(calls.addMembers(group, users));
  }

  public void removeMembers(ConversationId group, Set<UserId> users) {
    Await.result(calls.removeMembers(group, users));
  }

  public void leave(ConversationId group) {
    Await.result(calls.leave(group));
  }

  public void setRole(ConversationId group, UserId member, Role role) {
    Await.result(calls.setRole(group, member, role));
  }

  public MemberList members(ConversationId conversation, PageQuery<UserId> page) {
    return Await.result(calls.members(conversation, page));
  }

  public Page<Conversation> conversations(PageQuery<ConversationId> page) {
    return Await.result(calls.conversations(page));
  }

  public Page<ConversationState> inbox(PageQuery<ConversationId> page) {
    return Await.result(calls.inbox(page));
  }

  public ConversationState inbox(ConversationId conversation) {
    return Await.result(calls.inbox(conversation));
  }

  public Set<UserId> fellowMembers(Set<UserId> among) {
    return Await.result(calls.fellowMembers(among));
  }

  public SendAck send(ConversationId conversation, NewMessage message) {
    return Await.result(calls.send(conversation, message));
  }

  public ChangeAck editMessage(ConversationId conversation, long seq, MessageEdit content) {
    return Await.result(calls.editMessage(conversation, seq, content));
  }

  public ChangeAck deleteMessage(ConversationId conversation, long seq) {
    return Await.result(calls.deleteMessage(conversation, seq));
  }

  public ReactionAck react(ConversationId conversation, long seq, Emoji emoji, boolean on) {
    return Await.result(calls.react(conversation, seq, emoji, on));
  }

  public Page<UserReactions> reactions(
      ConversationId conversation, long seq, @Nullable Emoji emoji, PageQuery<UserId> page) {
    return Await.result(calls.reactions(conversation, seq, emoji, page));
  }

  public PinAck pin(ConversationId conversation, long seq) {
    return Await.result(calls.pin(conversation, seq));
  }

  public PinAck unpin(ConversationId conversation, long seq) {
    return Await.result(calls.unpin(conversation, seq));
  }

  public Page<MessageVersion> edits(ConversationId conversation, long seq, PageQuery<Long> page) {
    return Await.result(calls.edits(conversation, seq, page));
  }

  public Page<PinnedMessage> pins(ConversationId conversation, PageQuery<Long> page) {
    return Await.result(calls.pins(conversation, page));
  }

  public MessagePage history(ConversationId conversation, HistoryQuery query) {
    return Await.result(calls.history(conversation, query));
  }

  public SearchPage search(SearchQuery query) {
    return Await.result(calls.search(query));
  }

  public void markRead(ConversationId conversation, long seq) {
    Await.result(calls.markRead(conversation, seq));
  }

  public void markReceived(ConversationId conversation, long seq) {
    Await.result(calls.markReceived(conversation, seq));
  }

  public Preferences setPreferences(ConversationId conversation, PreferencesEdit edit) {
    return Await.result(calls.setPreferences(conversation, edit));
  }

  public void block(UserId other) {
    Await.result(calls.block(other));
  }

  public void unblock(UserId other) {
    Await.result(calls.unblock(other));
  }

  public Page<UserId> blocked(PageQuery<UserId> page) {
    return Await.result(calls.blocked(page));
  }

  @Experimental
  public Privacy privacy() {
    return Await.result(calls.privacy());
  }

  @Experimental
  public Privacy setPrivacy(PrivacyEdit edit) {
    return Await.result(calls.setPrivacy(edit));
  }

  @Experimental
  public Profile updateProfile(ProfileUpdate update) {
    return Await.result(calls.updateProfile(update));
  }

  @Experimental
  public List<Profile> profiles(Set<UserId> users) {
    return Await.result(calls.profiles(users));
  }

  public List<Presence> presence(Set<UserId> users) {
    return Await.result(calls.presence(users));
  }
}
