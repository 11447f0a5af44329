package chat.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Acts with the authority of the application: in any conversation, as a member or not, with {@link
 * UserId#SYSTEM} as the actor of every change and the sender of every message. Get one from {@link
 * ChatEngine#asApplication()}. This authority is the application's own: do not pass these calls on
 * to users unchecked.
 *
 * <p>Made for applications whose own data says which groups there are and who is in them: state
 * what should be the case, as often as you like. What is already the case is left alone, without an
 * error and without an event. All connected members get an event of each change.
 *
 * <p>Thread-safe. No method blocks; futures complete and fail like those of {@link ChatUser}.
 * {@code NOT_FOUND} for a conversation that does not exist, {@code BAD_REQUEST} for a change of
 * members, name or attributes of a direct conversation, {@code FORBIDDEN} for a change of members
 * or roles in a group that has a {@link chat.engine.hook.Membership}, {@code TOO_LARGE} beyond
 * {@link EngineBuilder#maxGroupMembers}. {@code UNAVAILABLE} with {@link ChatException#inDoubt()}:
 * repeat the call.
 */
public interface ChatApplication {

  // ---- conversations

  /**
   * The group with the application's own key, created if there is none. Concurrent calls, on any
   * nodes, give the same group. An existing group keeps its name, members and attributes: change
   * them with the other calls. If there is a {@link chat.engine.hook.Membership} for the key, a new
   * group has the members that it names, and {@code group} must have none ({@code BAD_REQUEST}).
   */
  CompletableFuture<Conversation> ensureGroup(GroupKey key, NewGroup group);

  /** The group with the application's own key; empty if there is none. */
  CompletableFuture<Optional<Conversation>> find(GroupKey key);

  /** The conversation with an id. {@code NOT_FOUND} if there is none. */
  CompletableFuture<Conversation> conversation(ConversationId id);

  /**
   * The direct conversation of two users, created if there is none. If one of them has blocked the
   * other, neither can write to it.
   */
  CompletableFuture<Conversation> openDirect(UserId one, UserId other);

  CompletableFuture<Void> rename(ConversationId group, String name);

  /** See {@link ChatUser#updateGroup}. */
  CompletableFuture<Void> updateGroup(ConversationId group, GroupUpdate update);

  /**
   * @param opaque see {@link Conversation#attributes}; null for none
   */
  CompletableFuture<Void> setAttributes(ConversationId group, @Nullable String opaque);

  /**
   * Deletes a conversation, direct or group. From then on it does not exist, and its key, or its
   * two users, can have another one. All members get {@link chat.engine.event.ConversationChanged}
   * with {@link ConversationChange.Kind#DELETED}, and nothing after it. The future completes when
   * the texts of its messages have been removed from the database, which takes a while for a very
   * long conversation; if this node dies meanwhile, another one continues. Deleting a conversation
   * that does not exist is no error.
   */
  CompletableFuture<Void> delete(ConversationId conversation);

  /**
   * Sets how long the messages of a conversation, direct or group, are kept, in place of {@link
   * EngineBuilder#retention}, which says what happens to older ones. Members get {@link
   * chat.engine.event.ConversationChanged} with {@link ConversationChange.Kind#RETENTION_SET},
   * unless nothing changes. With a shorter time, messages expire with the next search for them; a
   * longer one brings none back. A search that is under way may still use the previous time.
   *
   * @param time see {@link Retention#require}; null for the engine's
   */
  CompletableFuture<Void> setRetention(ConversationId conversation, @Nullable Duration time);

  // ---- members

  /** See {@link #ensureMembers(ConversationId, Set)}. */
  default CompletableFuture<Void> ensureMember(ConversationId group, UserId user) {
    return ensureMembers(group, Set.of(user));
  }

  /** See {@link #ensureMembers(ConversationId, Set, Role)}. */
  default CompletableFuture<Void> ensureMember(ConversationId group, UserId user, Role role) {
    return ensureMembers(group, Set.of(user), role);
  }

  /**
   * Adds those who are not members yet, as {@link Role#MEMBER}: one change, and one event, for all
   * of them. Existing members keep their role. {@code FORBIDDEN} if one is banned: {@link #unban}
   * them first.
   */
  CompletableFuture<Void> ensureMembers(ConversationId group, Set<UserId> users);

  /**
   * As {@link #ensureMembers(ConversationId, Set)}, but all of them have the given role afterwards.
   * There can be only one {@link Role#OWNER}, and the former owner becomes {@link Role#ADMIN}.
   */
  CompletableFuture<Void> ensureMembers(ConversationId group, Set<UserId> users, Role role);

  /** See {@link #ensureNoMembers}. */
  default CompletableFuture<Void> ensureNoMember(ConversationId group, UserId user) {
    return ensureNoMembers(group, Set.of(user));
  }

  /**
   * Removes those who are members from the group, even the owner: one change, and one event, for
   * all of them. Nothing that is sent after the future has completed reaches them.
   */
  CompletableFuture<Void> ensureNoMembers(ConversationId group, Set<UserId> users);

  /**
   * Gives a member a role. Making one the {@link Role#OWNER} makes the former owner an {@link
   * Role#ADMIN}. {@code CONFLICT} if the user is no member.
   */
  CompletableFuture<Void> setRole(ConversationId group, UserId member, Role role);

  /**
   * Keeps a user out of a group, even an owner; see {@link ChatUser#ban}.
   *
   * @param until null for always
   */
  CompletableFuture<Void> ban(ConversationId group, UserId user, @Nullable Instant until);

  /** See {@link ChatUser#unban}. */
  CompletableFuture<Void> unban(ConversationId group, UserId user);

  /** See {@link ChatUser#bans}. */
  CompletableFuture<Page<Ban>> bans(ConversationId group, PageQuery<UserId> page);

  /**
   * Silences any member; see {@link ChatUser#silence}.
   *
   * @param until null to end it
   */
  CompletableFuture<Void> silence(ConversationId group, UserId member, @Nullable Instant until);

  /** See {@link ChatUser#createInvite}; {@link Invite#by} is the system. */
  CompletableFuture<CreatedInvite> createInvite(ConversationId group, NewInvite invite);

  /** See {@link ChatUser#invites}. */
  CompletableFuture<Page<Invite>> invites(ConversationId group, PageQuery<InviteId> page);

  /** See {@link ChatUser#revokeInvite(ConversationId, InviteId)}. */
  CompletableFuture<Void> revokeInvite(ConversationId group, InviteId invite);

  /**
   * Asks the {@link chat.engine.hook.Membership} of a key who the members of its group are, and
   * changes the group accordingly. Call it when that has changed; or, better, {@link
   * TransactionalChat#refreshMembers} in the transaction that changes it: then nobody sends as a
   * member after the commit that made them none. Idempotent: if nothing is different, there is no
   * change and no event. Otherwise there is one change for all who leave, and one for each role
   * that others get, all stored together.
   *
   * @return the group; empty if the key has none, which is no error
   * @throws IllegalStateException if the engine has no {@code Membership}; {@code BAD_REQUEST} if
   *     none of them is for this key. Otherwise the errors of {@code Membership}, and {@code BUSY}
   *     if another transaction holds the group for 5 s
   */
  @Experimental
  CompletableFuture<Optional<Conversation>> refreshMembers(GroupKey key);

  /** See {@link ChatUser#members}. */
  CompletableFuture<MemberList> members(ConversationId conversation, PageQuery<UserId> page);

  /**
   * The number of groups that a user owns: for an application that creates groups for users and
   * limits that, as {@link EngineBuilder#maxOwnedGroups} limits the groups that users create
   * themselves.
   */
  CompletableFuture<Integer> ownedGroups(UserId user);

  // ---- users

  /**
   * Erases a user: what they wrote, their memberships, receipts, preferences, blocks, bans and
   * reactions are removed from the store, and a name that nobody has replaces their id in what must
   * stay: messages without content keep their numbers, direct conversations their other user, and
   * the log its entries. Groups that the user owned go to the admin, else the member, who joined
   * first. Mentions of the user end, but what others wrote stays as it is, even where it spells out
   * the name. Members get the same events as for deletions, edits and changes of groups.
   *
   * <p>The future completes when nothing is left of the id and the texts, which takes a read of the
   * log of changes and of the conversations that the user ever was in. It continues after a crash,
   * on any node. Sessions of the user end on all nodes with {@link
   * chat.engine.event.SessionEnded.Reason#GONE}. Sends that are under way at the same time are
   * erased if they are committed before the user leaves the conversation, and refused later. Call
   * it when the user cannot log in any more; whatever the id does after the future has completed
   * belongs to a new user. Calling it again continues, or completes at once.
   *
   * @param replacement not a user, see {@link #eraseUser(UserId)}; {@code CONFLICT} if a user has
   *     this id. Several erased users can have the same one
   */
  CompletableFuture<Void> eraseUser(UserId user, UserId replacement);

  /** The same with a random replacement, {@code erased-} and a UUID. */
  default CompletableFuture<Void> eraseUser(UserId user) {
    return eraseUser(user, UserId.of("erased-" + UUID.randomUUID()));
  }

  /**
   * Gives a user another id. Everything follows: messages, and what identifies them when they are
   * sent again, mentions, reactions, memberships with their receipts and preferences, direct
   * conversations, blocks, keys. Sessions of the old id end as with {@link #eraseUser}. Members get
   * events as of edits, and a change of members in groups, of {@link
   * ConversationChange.Kind#PEER_REPLACED} in direct conversations. Goes on after a crash, and can
   * be repeated, as {@link #eraseUser}. Nobody may use either id until the future has completed.
   *
   * @param to {@code CONFLICT} if it is in use, or ever was
   */
  CompletableFuture<Void> renameUser(UserId from, UserId to);

  /**
   * Deletes all messages of a user, in all conversations, as {@link #deleteMessage} does: those
   * that are committed before the call, and possibly some that are sent meanwhile. Continues after
   * a crash, and can be repeated.
   */
  CompletableFuture<Void> deleteMessagesOf(UserId user);

  /** The same in one conversation; does not continue after a crash. */
  CompletableFuture<Void> deleteMessagesOf(UserId user, ConversationId conversation);

  /**
   * Reads everything that is stored about a user: profile, blocks, and for each conversation,
   * including those that the user has left, the membership with its preferences, the messages that
   * the user wrote, reactions and reports. In pages, with bounded memory; see {@link
   * chat.engine.protocol.UserRecordJson} for JSON Lines. What changes meanwhile may appear as it
   * was or as it is.
   *
   * @return completes when the sink has taken everything. Fails with the {@link ChatException} of
   *     the sink, or with {@link ErrorCode#INTERNAL} and what else the sink threw as the cause
   */
  CompletableFuture<Void> export(UserId user, UserRecord.Sink sink);

  // ---- blocks

  /**
   * Those of the other users whom a user has blocked, or who have blocked the user: for what the
   * application itself shows, such as profiles, and for its own contacts. To block for a user, act
   * as the user: {@link ChatEngine#asUser}.
   */
  CompletableFuture<Set<UserId>> blockedBetween(UserId user, Set<UserId> others);

  // ---- presence

  /**
   * Presence of users as this node knows it now, even of those who hide it from everybody: for
   * decisions of the application, such as whom to send a push notification. {@code TOO_LARGE} for
   * more than {@link ChatUser#MAX_USERS} users; ask in pieces.
   */
  @Experimental
  CompletableFuture<List<Presence>> presence(Set<UserId> users);

  // ---- messages

  /**
   * Sends as {@link UserId#SYSTEM}; idempotent by client message id like any send, and not shown to
   * the {@link chat.engine.hook.SendHook}. Fails as {@link ChatUser#send} does.
   */
  CompletableFuture<SendAck> send(ConversationId conversation, NewMessage message);

  /**
   * Changes the text of any message; idempotent. As {@link ChatUser#editMessage}, but no hook is
   * asked.
   */
  CompletableFuture<ChangeAck> editMessage(
      ConversationId conversation, long seq, MessageEdit content);

  /** Earlier versions of any message; see {@link ChatUser#edits}. */
  CompletableFuture<Page<MessageVersion>> edits(
      ConversationId conversation, long seq, PageQuery<Long> page);

  /** Deletes any message; idempotent. As {@link ChatUser#deleteMessage}, but no hook is asked. */
  CompletableFuture<ChangeAck> deleteMessage(ConversationId conversation, long seq);

  /** See {@link ChatUser#reactions}. */
  CompletableFuture<Page<UserReactions>> reactions(
      ConversationId conversation, long seq, @Nullable Emoji emoji, PageQuery<UserId> page);

  /** Pins a message of any conversation. As {@link ChatUser#pin}, but no hook is asked. */
  CompletableFuture<PinAck> pin(ConversationId conversation, long seq);

  /** As {@link ChatUser#unpin}, but no hook is asked. */
  CompletableFuture<PinAck> unpin(ConversationId conversation, long seq);

  /** See {@link ChatUser#pins}. */
  CompletableFuture<Page<PinnedMessage>> pins(ConversationId conversation, PageQuery<Long> page);

  // ---- reports

  /**
   * The names of all durable feeds in the store, ascending, whether or not a node has them open;
   * those of bots are among them. Empty if the store has no feeds.
   */
  @Experimental
  CompletableFuture<List<String>> feeds();

  /**
   * As {@link chat.engine.feed.Feed#replay}, for a feed that is open on any node, or on none: the
   * node that delivers it goes back within 2 s. {@code NOT_FOUND} if there is no feed of this name,
   * {@code FORBIDDEN} if the store has no feeds.
   */
  @Experimental
  CompletableFuture<Void> replayFeed(String name, Instant from);

  /**
   * A page of the reports of users, after the id of the last report of the previous page. Reports
   * stay until they are removed here, or their conversation is deleted.
   */
  CompletableFuture<Page<Report>> reports(Report.Order order, PageQuery<ReportId> page);

  /**
   * Records the decision about a report; {@link Report.Status#OPEN} opens it again. It changes
   * nothing else: delete the message or ban the user with the other calls. May be repeated; the
   * last decision counts.
   *
   * @param note see {@link Report#requireNote}; null for none
   * @return the report with the decision; {@code NOT_FOUND} if there is none
   */
  CompletableFuture<Report> decideReport(
      ReportId report, Report.Status decision, @Nullable String note);

  /** Removes a report, and the text in it, from the store. It is no error if there is none. */
  CompletableFuture<Void> removeReport(ReportId report);

  /** See {@link ChatUser#history}. */
  CompletableFuture<MessagePage> history(ConversationId conversation, HistoryQuery query);
}
