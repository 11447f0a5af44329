package chat.engine.blocking;

import chat.engine.Ban;
import chat.engine.ChangeAck;
import chat.engine.ChatApplication;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.CreatedInvite;
import chat.engine.Emoji;
import chat.engine.Experimental;
import chat.engine.GroupKey;
import chat.engine.GroupUpdate;
import chat.engine.HistoryQuery;
import chat.engine.Invite;
import chat.engine.InviteId;
import chat.engine.MemberList;
import chat.engine.MessageEdit;
import chat.engine.MessagePage;
import chat.engine.MessageVersion;
import chat.engine.NewGroup;
import chat.engine.NewInvite;
import chat.engine.NewMessage;
import chat.engine.Page;
import chat.engine.PageQuery;
import chat.engine.PinAck;
import chat.engine.PinnedMessage;
import chat.engine.Presence;
import chat.engine.Report;
import chat.engine.ReportId;
import chat.engine.Role;
import chat.engine.SendAck;
import chat.engine.UserId;
import chat.engine.UserReactions;
import chat.engine.UserRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A {@link ChatApplication} whose calls wait for their answers; each method does what the one of
 * the same name does there. Errors and interrupts as for {@link BlockingChat}. Thread-safe.
 */
public final class BlockingApplication {
  private final ChatApplication calls;

  BlockingApplication(ChatApplication calls) {
    this.calls = calls;
  }

  public Conversation ensureGroup(GroupKey key, NewGroup group) {
    return Await.result(calls.ensureGroup(key, group));
  }

  public Optional<Conversation> find(GroupKey key) {
    return Await.result(calls.find(key));
  }

  public Conversation conversation(ConversationId id) {
    return Await.result(calls.conversation(id));
  }

  public Conversation openDirect(UserId one, UserId other) {
    return Await.result(calls.openDirect(one, other));
  }

  public void rename(ConversationId group, String name) {
    Await.result(calls.rename(group, name));
  }

  public void updateGroup(ConversationId group, GroupUpdate update) {
    Await.result(calls.updateGroup(group, update));
  }

  public void setAttributes(ConversationId group, @Nullable String opaque) {
    Await.result(calls.setAttributes(group, opaque));
  }

  public void delete(ConversationId conversation) {
    Await.result(calls.delete(conversation));
  }

  /** Returns when the sink has taken everything. */
  public void export(UserId user, UserRecord.Sink sink) {
    Await.result(calls.export(user, sink));
  }

  public void eraseUser(UserId user, UserId replacement) {
    Await.result(calls.eraseUser(user, replacement));
  }

  public void eraseUser(UserId user) {
    Await.result(calls.eraseUser(user));
  }

  public void renameUser(UserId from, UserId to) {
    Await.result(calls.renameUser(from, to));
  }

  public void deleteMessagesOf(UserId user) {
    Await.result(calls.deleteMessagesOf(user));
  }

  public void deleteMessagesOf(UserId user, ConversationId conversation) {
    Await.result(calls.deleteMessagesOf(user, conversation));
  }

  @Experimental
  public List<String> feeds() {
    return Await.result(calls.feeds());
  }

  @Experimental
  public void replayFeed(String name, Instant from) {
    Await.result(calls.replayFeed(name, from));
  }

  public void ensureMember(ConversationId group, UserId user) {
    Await.result(calls.ensureMember(group, user));
  }

  public void ensureMember(ConversationId group, UserId user, Role role) {
    Await.result(calls.ensureMember(group, user, role));
  }

  public void ensureMembers(ConversationId group, Set<UserId> users) {
    Await.result(calls.ensureMembers(group, users));
  }

  public void ensureMembers(ConversationId group, Set<UserId> users, Role role) {
    Await.result(calls.ensureMembers(group, users, role));
  }

  public void ensureNoMember(ConversationId group, UserId user) {
    Await.result(calls.ensureNoMember(group, user));
  }

  public void ensureNoMembers(ConversationId group, Set<UserId> users) {
    Await.result(calls.ensureNoMembers(group, users));
  }

  public void setRole(ConversationId group, UserId member, Role role) {
    Await.result(calls.setRole(group, member, role));
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

  public void setRetention(ConversationId conversation, @Nullable Duration time) {
    Await.result(calls.setRetention(conversation, time));
  }

  public int ownedGroups(UserId user) {
    return Await.result(calls.ownedGroups(user));
  }

  public Page<Report> reports(Report.Order order, PageQuery<ReportId> page) {
    return Await.result(calls.reports(order, page));
  }

  public Report decideReport(ReportId report, Report.Status decision, @Nullable String note) {
    return Await.result(calls.decideReport(report, decision, note));
  }

  public void removeReport(ReportId report) {
    Await.result(calls.removeReport(report));
  }

  @Experimental
  public Optional<Conversation> refreshMembers(GroupKey key) {
    return Await.result(calls.refreshMembers(key));
  }

  public MemberList members(ConversationId conversation, PageQuery<UserId> page) {
    return Await.result(calls.members(conversation, page));
  }

  public Set<UserId> blockedBetween(UserId user, Set<UserId> others) {
    return Await.result(calls.blockedBetween(user, others));
  }

  public List<Presence> presence(Set<UserId> users) {
    return Await.result(calls.presence(users));
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
}
