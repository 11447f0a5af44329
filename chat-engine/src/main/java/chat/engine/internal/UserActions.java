package chat.engine.internal;

import chat.engine.Ban;
import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.CreatedInvite;
import chat.engine.GroupKey;
import chat.engine.GroupUpdate;
import chat.engine.HistoryAccess;
import chat.engine.Invite;
import chat.engine.InviteCode;
import chat.engine.InviteId;
import chat.engine.NewInvite;
import chat.engine.Page;
import chat.engine.PageQuery;
import chat.engine.ProfileUpdate;
import chat.engine.Report;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.hook.ActionHook;
import chat.engine.hook.UserAction;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.internal.conversation.Reports;
import chat.engine.internal.group.GroupAdministration;
import chat.engine.internal.group.Invitations;
import chat.engine.internal.hook.HookRunner;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.runtime.Futures;
import chat.engine.internal.runtime.Lines;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.spi.ConversationStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What users do to conversations: asks the application's hook, if there is one, and then {@link
 * GroupAdministration}. The actions of a user in a conversation take effect in the order made.
 * Thread-safe; blocks on the store threads only.
 */
final class UserActions {
  private static final Duration RETRY_AFTER = Duration.ofMillis(250);

  private record Line(UserId user, ConversationId conversation) {}

  private final GroupAdministration groups;
  private final Invitations invitations;
  private final Reports reports;
  private final @Nullable ActionHook hook;
  private final HookRunner hookCalls;
  private final StoreThreads reads;
  private final ConversationDirectory directory;
  private final ConversationStore store;
  private final Lines<Line, Supplier<CompletableFuture<?>>> lines;

  /**
   * @param hook null for none
   * @param capacity changes of groups that may wait or be made; more are refused
   */
  UserActions(
      GroupAdministration groups,
      Invitations invitations,
      Reports reports,
      @Nullable ActionHook hook,
      HookRunner hookCalls,
      StoreThreads reads,
      ConversationDirectory directory,
      ConversationStore store,
      int capacity) {
    this.groups = groups;
    this.invitations = invitations;
    this.reports = reports;
    this.hook = hook;
    this.hookCalls = hookCalls;
    this.reads = reads;
    this.directory = directory;
    this.store = store;
    this.lines = new Lines<>(capacity, Long.MAX_VALUE, action -> 0, Supplier::get);
  }

  CompletableFuture<Conversation> openDirect(UserId user, UserId peer) {
    return allowed(() -> new UserAction.OpenDirect(user, peer))
        .thenCompose(ok -> reads.submit(() -> groups.openDirect(user, peer)));
  }

  /** For the application, which the hook is asked about as well. */
  CompletableFuture<Conversation> openDirectEvenIfBlocked(UserId one, UserId other) {
    return allowed(() -> new UserAction.OpenDirect(one, other))
        .thenCompose(ok -> reads.submit(() -> groups.openDirectEvenIfBlocked(one, other)));
  }

  CompletableFuture<Conversation> createGroup(
      UserId user, @Nullable GroupKey key, String name, Set<UserId> others, HistoryAccess history) {
    return allowed(() -> new UserAction.CreateGroup(user, name, others, history))
        .thenCompose(
            ok -> reads.submit(() -> groups.createGroup(user, key, name, others, history)));
  }

  /**
   * @param change made if the hook allows it
   */
  <T> CompletableFuture<T> updateProfile(UserId user, ProfileUpdate update, Callable<T> change) {
    return allowed(() -> new UserAction.UpdateProfile(user, update))
        .thenCompose(ok -> reads.submit(change));
  }

  CompletableFuture<Void> renameGroup(UserId user, ConversationId id, String name) {
    return inOrder(
        user,
        id,
        group -> new UserAction.RenameGroup(user, group, name),
        () -> groups.rename(user, id, name));
  }

  CompletableFuture<Void> updateGroup(UserId user, ConversationId id, GroupUpdate update) {
    return inOrder(
        user,
        id,
        group -> new UserAction.UpdateGroup(user, group, update),
        () -> groups.update(user, id, update));
  }

  CompletableFuture<Void> ban(
      UserId user, ConversationId id, UserId banned, @Nullable Instant until) {
    return inOrder(
        user,
        id,
        group -> new UserAction.BanUser(user, group, banned, until),
        () -> groups.ban(user, id, banned, until));
  }

  CompletableFuture<Void> unban(UserId user, ConversationId id, UserId banned) {
    return inOrder(
        user,
        id,
        group -> new UserAction.UnbanUser(user, group, banned),
        () -> groups.unban(user, id, banned));
  }

  CompletableFuture<Page<Ban>> bans(UserId user, ConversationId id, PageQuery<UserId> page) {
    return reads.submit(() -> groups.bans(user, id, page));
  }

  CompletableFuture<CreatedInvite> createInvite(UserId user, ConversationId id, NewInvite invite) {
    return inOrder(
        user,
        id,
        group -> new UserAction.CreateInvite(user, group, invite),
        () -> reads.submit(() -> invitations.create(user, id, invite)));
  }

  CompletableFuture<Page<Invite>> invites(
      UserId user, ConversationId id, PageQuery<InviteId> page) {
    return reads.submit(() -> invitations.inForce(user, id, page));
  }

  CompletableFuture<Void> revokeInvite(UserId user, ConversationId id, InviteId invite) {
    return inOrder(
        user,
        id,
        group -> new UserAction.RevokeInvite(user, group, invite),
        () -> invitations.revoke(user, id, invite));
  }

  /** The hook is not asked about codes that are not good for joining. */
  CompletableFuture<Conversation> join(UserId user, InviteCode code) {
    return inOrder(
        new Line(user, code.group()),
        () ->
            hook == null
                ? CompletableFuture.completedFuture(code)
                : reads
                    .submit(() -> invitations.invited(user, code))
                    .thenCompose(group -> allowed(() -> new UserAction.Join(user, group))),
        () -> reads.submit(() -> invitations.join(user, code)));
  }

  CompletableFuture<Void> report(UserId user, ConversationId id, long seq, String reason) {
    try {
      Report.requireReason(reason);
    } catch (ChatException refusal) {
      return CompletableFuture.failedFuture(refusal);
    }
    return inOrder(
        user,
        id,
        conversation -> new UserAction.ReportMessage(user, conversation, seq, reason),
        () -> reports.report(user, id, seq, reason));
  }

  CompletableFuture<Void> silence(
      UserId user, ConversationId id, UserId member, @Nullable Instant until) {
    return inOrder(
        user,
        id,
        group -> new UserAction.SilenceMember(user, group, member, until),
        () -> groups.silence(user, id, member, until));
  }

  CompletableFuture<Void> addMembers(UserId user, ConversationId id, Set<UserId> users) {
    return inOrder(
        user,
        id,
        group -> new UserAction.AddMembers(user, group, users),
        () -> groups.add(user, id, users));
  }

  CompletableFuture<Void> removeMembers(UserId user, ConversationId id, Set<UserId> users) {
    return inOrder(
        user,
        id,
        group -> new UserAction.RemoveMembers(user, group, users),
        () -> groups.remove(user, id, users));
  }

  CompletableFuture<Void> leave(UserId user, ConversationId id) {
    return inOrder(
        user, id, group -> new UserAction.LeaveGroup(user, group), () -> groups.leave(user, id));
  }

  CompletableFuture<Void> setRole(UserId user, ConversationId id, UserId member, Role role) {
    return inOrder(
        user,
        id,
        group -> new UserAction.SetRole(user, group, member, role),
        () -> groups.setRole(user, id, member, role));
  }

  boolean asksHook() {
    return hook != null;
  }

  /**
   * @param deletion deletes it, if the hook allows that
   */
  <T> CompletableFuture<T> deleteMessage(
      UserId user, ConversationId id, long seq, Supplier<CompletableFuture<T>> deletion) {
    return inOrder(
        user, id, conversation -> new UserAction.DeleteMessage(user, conversation, seq), deletion);
  }

  /**
   * @param reaction makes it, if the hook allows that
   */
  <T> CompletableFuture<T> react(
      UserId user,
      ConversationId id,
      Function<Conversation, UserAction.React> action,
      Supplier<CompletableFuture<T>> reaction) {
    return inOrder(user, id, action::apply, reaction);
  }

  /**
   * @param pin makes it, if the hook allows that
   */
  <T> CompletableFuture<T> pin(
      UserId user, ConversationId id, long seq, boolean on, Supplier<CompletableFuture<T>> pin) {
    return inOrder(
        user, id, conversation -> new UserAction.PinMessage(user, conversation, seq, on), pin);
  }

  private CompletableFuture<Void> inOrder(
      UserId user, ConversationId id, Function<Conversation, UserAction> action, Runnable change) {
    return inOrder(user, id, action, () -> reads.run(change));
  }

  private <T> CompletableFuture<T> inOrder(
      UserId user,
      ConversationId id,
      Function<Conversation, UserAction> action,
      Supplier<CompletableFuture<T>> change) {
    return inOrder(new Line(user, id), () -> asked(user, id, action), change);
  }

  private <T> CompletableFuture<T> inOrder(
      Line line, Supplier<CompletableFuture<?>> question, Supplier<CompletableFuture<T>> change) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Supplier<CompletableFuture<?>> task =
        () ->
            question
                .get()
                .thenCompose(ok -> change.get())
                .whenComplete((done, fault) -> Futures.relay(done, fault, result));
    if (!lines.add(line, task)) {
      result.completeExceptionally(
          ChatException.busy("too many changes of groups wait", RETRY_AFTER));
    }
    return result;
  }

  /** The hook is not asked about conversations that are not the user's. */
  private CompletableFuture<?> asked(
      UserId user, ConversationId id, Function<Conversation, UserAction> action) {
    if (hook == null) {
      return CompletableFuture.completedFuture(id);
    }
    return reads
        .submit(
            () -> {
              ConversationDirectory.Entry entry = directory.lookUp(id);
              if (entry == null || store.member(id, user).isEmpty()) {
                throw Errors.noSuchConversation(id);
              }
              return entry.conversation();
            })
        .thenCompose(conversation -> allowed(() -> action.apply(conversation)));
  }

  private CompletableFuture<?> allowed(Supplier<UserAction> action) {
    ActionHook asked = hook;
    return asked == null
        ? CompletableFuture.completedFuture(true)
        : hookCalls.call(() -> anything(asked.onAction(action.get())));
  }

  /** A future of which any value, even null, means yes. */
  @SuppressWarnings("NullAway") // what an application without null checks may return
  private static @Nullable CompletionStage<Boolean> anything(@Nullable CompletionStage<?> answer) {
    return answer == null ? null : answer.thenApply(done -> true);
  }
}
