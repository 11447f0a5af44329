package chat.engine.internal;

import chat.engine.Ban;
import chat.engine.ChangeAck;
import chat.engine.ChatApplication;
import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.CreatedInvite;
import chat.engine.Emoji;
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
import chat.engine.Retention;
import chat.engine.Role;
import chat.engine.SendAck;
import chat.engine.UserId;
import chat.engine.UserReactions;
import chat.engine.UserRecord;
import chat.engine.internal.consumer.Consumers;
import chat.engine.internal.conversation.MessageEraser;
import chat.engine.internal.conversation.Reports;
import chat.engine.internal.conversation.RetentionRounds;
import chat.engine.internal.group.ApplicationAdministration;
import chat.engine.internal.group.ApplicationRules;
import chat.engine.internal.group.Invitations;
import chat.engine.internal.membership.Memberships;
import chat.engine.internal.runtime.AcceptedWrites;
import chat.engine.internal.runtime.Answers;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.transaction.MembershipTransactions;
import chat.engine.internal.user.UserReplacer;
import chat.engine.spi.UserReplacements.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The application itself. Validates at once, works on the store threads. */
record ApplicationHandle(
    UserOperations calls,
    ApplicationAdministration administration,
    Invitations invitations,
    Reports reports,
    RetentionRounds retention,
    ApplicationRules rules,
    Memberships memberships,
    @Nullable MembershipTransactions membershipTransactions,
    MessageEraser eraser,
    UserReplacer users,
    Consumers consumers,
    StoreThreads reads,
    Answers answers,
    AcceptedWrites writes)
    implements ChatApplication {

  // ---- conversations

  @Override
  public CompletableFuture<Conversation> ensureGroup(GroupKey key, NewGroup group) {
    MembershipTransactions governed = membershipTransactions;
    if (governed == null || !memberships.govern(key)) {
      return write(
          () ->
              reads.submit(
                  () -> {
                    rules.requireRoom(group.members().size());
                    return administration.ensureGroup(key, group);
                  }));
    }
    return write(
        () ->
            reads
                .submit(
                    () -> {
                      memberships.requireNoMembers(key, group);
                      return administration.find(
                          key); // nearly always there: nobody has to be asked
                    })
                .thenCompose(
                    found ->
                        found
                            .map(CompletableFuture::completedFuture)
                            .orElseGet(() -> governed.ensureGroup(key, group))));
  }

  @Override
  public CompletableFuture<Optional<Conversation>> find(GroupKey key) {
    return read(() -> administration.find(key));
  }

  @Override
  public CompletableFuture<Conversation> conversation(ConversationId id) {
    return read(() -> administration.conversation(id));
  }

  @Override
  public CompletableFuture<Conversation> openDirect(UserId one, UserId other) {
    return calls.openDirectEvenIfBlocked(one, other);
  }

  @Override
  public CompletableFuture<Void> rename(ConversationId group, String name) {
    return change(group, () -> rules.renamed(name));
  }

  @Override
  public CompletableFuture<Void> updateGroup(ConversationId group, GroupUpdate update) {
    return change(group, () -> rules.updated(update));
  }

  @Override
  public CompletableFuture<Void> setAttributes(ConversationId group, @Nullable String opaque) {
    return change(group, () -> rules.attributesSet(opaque));
  }

  @Override
  public CompletableFuture<Void> delete(ConversationId conversation) {
    return answers.call(
        () ->
            writes
                .take(() -> reads.run(() -> administration.delete(conversation)))
                .thenCompose(done -> eraser.erase(conversation)));
  }

  @Override
  public CompletableFuture<Void> setRetention(
      ConversationId conversation, @Nullable Duration time) {
    return write(
        () ->
            reads.run(
                () -> retention.set(conversation, time == null ? null : Retention.require(time))));
  }

  // ---- members

  @Override
  public CompletableFuture<Void> ensureMembers(ConversationId group, Set<UserId> users) {
    return change(group, () -> rules.members(users, null));
  }

  @Override
  public CompletableFuture<Void> ensureMembers(ConversationId group, Set<UserId> users, Role role) {
    return change(group, () -> rules.members(users, role));
  }

  @Override
  public CompletableFuture<Void> ensureNoMembers(ConversationId group, Set<UserId> users) {
    return change(group, () -> rules.noMembers(users));
  }

  @Override
  public CompletableFuture<Void> setRole(ConversationId group, UserId member, Role role) {
    return change(group, () -> rules.roleOf(member, role));
  }

  @Override
  public CompletableFuture<Void> ban(ConversationId group, UserId user, @Nullable Instant until) {
    return change(group, () -> rules.banned(user, until));
  }

  @Override
  public CompletableFuture<Void> unban(ConversationId group, UserId user) {
    return change(group, () -> rules.unbanned(user));
  }

  @Override
  public CompletableFuture<Page<Ban>> bans(ConversationId group, PageQuery<UserId> page) {
    return read(() -> administration.bans(group, page));
  }

  @Override
  public CompletableFuture<Void> silence(
      ConversationId group, UserId member, @Nullable Instant until) {
    return change(group, () -> rules.silenced(member, until));
  }

  @Override
  public CompletableFuture<CreatedInvite> createInvite(ConversationId group, NewInvite invite) {
    return write(() -> reads.submit(() -> invitations.create(UserId.SYSTEM, group, invite)));
  }

  @Override
  public CompletableFuture<Page<Invite>> invites(ConversationId group, PageQuery<InviteId> page) {
    return read(() -> invitations.inForce(UserId.SYSTEM, group, page));
  }

  @Override
  public CompletableFuture<Void> revokeInvite(ConversationId group, InviteId invite) {
    return write(() -> reads.run(() -> invitations.revoke(UserId.SYSTEM, group, invite)));
  }

  @Override
  public CompletableFuture<Optional<Conversation>> refreshMembers(GroupKey key) {
    MembershipTransactions governed = membershipTransactions;
    try {
      memberships.requireGoverned(key);
    } catch (ChatException refusal) {
      return CompletableFuture.failedFuture(refusal);
    }
    return write(() -> Objects.requireNonNull(governed).refreshMembers(key));
  }

  @Override
  public CompletableFuture<MemberList> members(
      ConversationId conversation, PageQuery<UserId> page) {
    return calls.members(UserId.SYSTEM, conversation, page);
  }

  // ---- users

  @Override
  public CompletableFuture<Void> eraseUser(UserId user, UserId replacement) {
    return answers.call(() -> users.replace(Kind.ERASE, user, replacement));
  }

  @Override
  public CompletableFuture<Void> renameUser(UserId from, UserId to) {
    return answers.call(() -> users.replace(Kind.RENAME, from, to));
  }

  @Override
  public CompletableFuture<Void> deleteMessagesOf(UserId user) {
    return answers.call(() -> users.replace(Kind.DELETE_MESSAGES, user, user));
  }

  @Override
  public CompletableFuture<Void> deleteMessagesOf(UserId user, ConversationId conversation) {
    return answers.call(() -> users.deleteMessages(user, conversation));
  }

  @Override
  public CompletableFuture<Void> export(UserId user, UserRecord.Sink sink) {
    return answers.call(() -> users.export(user, sink));
  }

  @Override
  public CompletableFuture<List<String>> feeds() {
    return consumers.names();
  }

  @Override
  public CompletableFuture<Void> replayFeed(String name, Instant from) {
    return consumers.replay(name, from);
  }

  // ---- blocks

  @Override
  public CompletableFuture<Set<UserId>> blockedBetween(UserId user, Set<UserId> others) {
    return calls.blockedBetween(user, others);
  }

  // ---- presence

  @Override
  public CompletableFuture<List<Presence>> presence(Set<UserId> users) {
    return calls.presence(users);
  }

  // ---- messages

  @Override
  public CompletableFuture<SendAck> send(ConversationId conversation, NewMessage message) {
    return calls.send(UserId.SYSTEM, null, conversation, message);
  }

  @Override
  public CompletableFuture<ChangeAck> editMessage(
      ConversationId conversation, long seq, MessageEdit content) {
    return calls.editMessage(UserId.SYSTEM, conversation, seq, content);
  }

  @Override
  public CompletableFuture<Page<MessageVersion>> edits(
      ConversationId conversation, long seq, PageQuery<Long> page) {
    return calls.edits(UserId.SYSTEM, conversation, seq, page);
  }

  @Override
  public CompletableFuture<ChangeAck> deleteMessage(ConversationId conversation, long seq) {
    return calls.deleteMessage(UserId.SYSTEM, conversation, seq);
  }

  @Override
  public CompletableFuture<Page<UserReactions>> reactions(
      ConversationId conversation, long seq, @Nullable Emoji emoji, PageQuery<UserId> page) {
    return calls.reactions(UserId.SYSTEM, conversation, seq, emoji, page);
  }

  @Override
  public CompletableFuture<PinAck> pin(ConversationId conversation, long seq) {
    return calls.pin(UserId.SYSTEM, conversation, seq, true);
  }

  @Override
  public CompletableFuture<PinAck> unpin(ConversationId conversation, long seq) {
    return calls.pin(UserId.SYSTEM, conversation, seq, false);
  }

  @Override
  public CompletableFuture<Page<PinnedMessage>> pins(
      ConversationId conversation, PageQuery<Long> page) {
    return calls.pins(UserId.SYSTEM, conversation, page);
  }

  @Override
  public CompletableFuture<Integer> ownedGroups(UserId user) {
    return calls.ownedGroups(user);
  }

  // ---- reports

  @Override
  public CompletableFuture<Page<Report>> reports(Report.Order order, PageQuery<ReportId> page) {
    Objects.requireNonNull(order, "order");
    return read(() -> reports.page(order, page));
  }

  @Override
  public CompletableFuture<Report> decideReport(
      ReportId report, Report.Status decision, @Nullable String note) {
    Objects.requireNonNull(decision, "decision");
    return write(
        () ->
            reads.submit(
                () ->
                    reports.decide(
                        report, decision, note == null ? null : Report.requireNote(note))));
  }

  @Override
  public CompletableFuture<Void> removeReport(ReportId report) {
    return write(() -> reads.run(() -> reports.remove(report)));
  }

  @Override
  public CompletableFuture<MessagePage> history(ConversationId conversation, HistoryQuery query) {
    return calls.history(UserId.SYSTEM, conversation, query);
  }

  private <T> CompletableFuture<T> read(Callable<T> call) {
    return answers.call(() -> reads.submit(call));
  }

  private <T> CompletableFuture<T> write(Supplier<CompletableFuture<T>> call) {
    return answers.call(() -> writes.take(call));
  }

  private CompletableFuture<Void> change(
      ConversationId group, Supplier<ApplicationRules.Wish> wish) {
    ApplicationRules.Wish checked;
    try {
      checked = wish.get(); // here: what it is made of may change later
    } catch (RuntimeException refusal) {
      return CompletableFuture.failedFuture(Errors.toChatException(refusal));
    }
    return write(() -> reads.run(() -> administration.change(group, checked)));
  }
}
