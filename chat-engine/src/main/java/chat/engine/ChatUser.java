package chat.engine;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What a user can do in chat, with or without a connection: each call acts as {@link #user()}. Get
 * one from {@link ChatEngine#asUser} (jobs, bots, REST handlers) or use a {@link ChatSession},
 * which is one.
 *
 * <p>Thread-safe. No method blocks; a future completes on a thread of the engine, so do not block
 * in its dependents, or use their {@code Async} forms. Calls of one object on one conversation take
 * effect in the order made. Every future may fail with a {@link ChatException}, most often of these
 * codes: {@code NOT_FOUND} for a conversation that does not exist or of which the user is no
 * member; {@code BUSY} where a queue is full; {@code UNAVAILABLE} where the store cannot be reached
 * or the engine is closed.
 */
public interface ChatUser {
  /**
   * The most users that can be asked about, or watched by one session, at once, unless {@link
   * EngineBuilder#maxUsersPerCall} is set.
   */
  int MAX_USERS = 1_000;

  /** The most users whose profiles can be asked for at once. */
  int MAX_PROFILES = 100;

  UserId user();

  /**
   * The direct conversation with a peer, created if necessary; both sides get the same one. Whether
   * the two may talk at all is up to the application: decide before calling, or in an {@link
   * chat.engine.hook.ActionHook}.
   */
  CompletableFuture<Conversation> openDirect(UserId peer);

  /** Creates a group with this user as its owner; the others become {@link Role#MEMBER}. */
  CompletableFuture<Conversation> createGroup(String name, Set<UserId> others);

  /**
   * As {@link #createGroup(String, Set)}, but the group is created only once, however often the
   * call is repeated, on any node: later calls of this user with the same key get the group as it
   * is by then.
   *
   * @param clientKey the user's own name for this group; other users may have the same
   */
  CompletableFuture<Conversation> createGroup(GroupKey clientKey, String name, Set<UserId> others);

  /**
   * As {@link #createGroup(GroupKey, String, Set)}, with a setting for what members may read from
   * the time before they joined. {@link #updateGroup} changes it later.
   *
   * @param clientKey null to create a group in any case
   */
  CompletableFuture<Conversation> createGroup(
      @Nullable GroupKey clientKey, String name, Set<UserId> others, HistoryAccess history);

  /** Owner and admins only. */
  CompletableFuture<Void> renameGroup(ConversationId group, String name);

  /**
   * Changes one or more fields of a group at once: one change, with one rev and one event, for all
   * of them. Owner and admins only. Fields that already have the value are left alone; if all do,
   * nothing happens.
   */
  CompletableFuture<Void> updateGroup(ConversationId group, GroupUpdate update);

  /**
   * Owner and admins only. {@code CONFLICT} if one already is a member, {@code FORBIDDEN} if one is
   * banned, which names the user; then none is added.
   */
  CompletableFuture<Void> addMembers(ConversationId group, Set<UserId> users);

  /**
   * The owner may remove anyone else, an admin plain members. {@code CONFLICT} if one is no member;
   * then none is removed. Nothing that is sent after the future has completed reaches the removed.
   */
  CompletableFuture<Void> removeMembers(ConversationId group, Set<UserId> users);

  /**
   * {@code CONFLICT} for an owner whose group has other members: hand over first with {@link
   * #setRole}.
   */
  CompletableFuture<Void> leave(ConversationId group);

  /** Owner only. Making another member the owner makes this user an admin. */
  CompletableFuture<Void> setRole(ConversationId group, UserId member, Role role);

  /**
   * Keeps a user out of a group: a member is removed at once, and until the ban ends nobody can add
   * the user. The owner may ban anyone else, an admin plain members and users who are no members.
   * The user sees only a removal, the members see both. Idempotent; banning again sets another end.
   * If a ban and an addition happen at the same time, one comes first: either the user is added and
   * then removed, or the addition is refused.
   *
   * @param until when it ends, a time in the future; null for no end
   */
  CompletableFuture<Void> ban(ConversationId group, UserId user, @Nullable Instant until);

  /** Ends a ban; this does not add the user. Owner and admins only. Idempotent. */
  CompletableFuture<Void> unban(ConversationId group, UserId user);

  /** A page of the bans in force, ascending by user id. Owner and admins only. */
  CompletableFuture<Page<Ban>> bans(ConversationId group, PageQuery<UserId> page);

  /**
   * Lets a member read but not write until a time: sends, edits, reactions and typing are {@code
   * FORBIDDEN}; deleting one's own messages is not. The owner may silence anyone else, an admin
   * plain members. {@code CONFLICT} for a user who is no member. Idempotent. What was stored before
   * stays; nothing that is sent after the future has completed is stored. A silence belongs to the
   * membership, and ends with it.
   *
   * @param until a time in the future; null to end the silence now
   */
  CompletableFuture<Void> silence(ConversationId group, UserId member, @Nullable Instant until);

  /**
   * Creates an invite: any user can {@link #join} the group with its code until it expires, is used
   * up or is revoked. Only this answer contains the code; the store keeps a hash of it. Owner and
   * admins only. {@code TOO_LARGE} if the group has 100 invites in force. Those that have ended are
   * deleted with the next creation.
   */
  CompletableFuture<CreatedInvite> createInvite(ConversationId group, NewInvite invite);

  /** A page of the invites in force, ascending by id. Owner and admins only. */
  CompletableFuture<Page<Invite>> invites(ConversationId group, PageQuery<InviteId> page);

  /**
   * Ends an invite: nobody can use it after the future has completed. Users who have joined stay.
   * Owner and admins only. Idempotent: nothing happens if there is no such invite.
   */
  CompletableFuture<Void> revokeInvite(ConversationId group, InviteId invite);

  /** See {@link #revokeInvite(ConversationId, InviteId)}. */
  default CompletableFuture<Void> revokeInvite(InviteCode code) {
    return revokeInvite(code.group(), code.id());
  }

  /**
   * Makes this user a plain member of the group that the code invites to: a change of the kind
   * {@link ConversationChange.Kind#ADDED} with the user as actor and subject. A member keeps their
   * role and uses nothing up. {@code NOT_FOUND}, always with the same text, for every code that is
   * not valid; {@code FORBIDDEN} for a user who is banned; {@code TOO_LARGE} for a group that has
   * as many members as it can have. If a ban and a join happen at the same time, either the user
   * joins and is removed, or the join is refused; no more users join than the invite has uses.
   *
   * @return the group
   */
  CompletableFuture<Conversation> join(InviteCode code);

  /**
   * Reports somebody else's message to the moderators of the application, who read reports with
   * {@link ChatApplication#reports}. They get the message as it is when the report is stored; later
   * edits and deletions do not change that. There is one report per user and message: repeating it,
   * even with another reason, is allowed and changes nothing. Nobody in the conversation notices
   * it. For members; a block does not matter.
   *
   * <p>{@code BAD_REQUEST} for the user's own message; {@code NOT_FOUND} if there is no such
   * message; {@code CONFLICT} for one that was deleted; {@code TOO_LARGE} beyond {@link
   * EngineBuilder#maxOpenReports}. If a report and an edit happen at the same time, the moderators
   * get the text from before or after it; with a deletion, they get the text or the report is
   * refused.
   *
   * @param reason see {@link Report#requireReason}
   */
  CompletableFuture<Void> report(ConversationId conversation, long seq, String reason);

  /**
   * A page of the members, their roles and how far each has read, in the order of {@link
   * MemberList#members}. Reads the store. If one of the two hides it, {@link Member#readHidden}
   * says so.
   *
   * <p>Events of changes take another path than this answer, so either may come first. Apply a
   * change to the list only if its rev is higher than {@link MemberList#rev}; if it arrived before
   * the list, keep it until then. {@code NOT_FOUND} if the user is no member.
   */
  CompletableFuture<MemberList> members(ConversationId conversation, PageQuery<UserId> page);

  /** A page of the user's conversations, ascending by id. Reads the store. */
  CompletableFuture<Page<Conversation>> conversations(PageQuery<ConversationId> page);

  /**
   * A page of the user's conversations, ascending by id, each with where it stands: last message,
   * unread count, role. Like the answer to a {@link ChatSession#sync} without cursors, for callers
   * without a session; the same bounds apply to the size of a page. Reads the store, and counts the
   * unread messages of each conversation of the page.
   */
  CompletableFuture<Page<ConversationState>> inbox(PageQuery<ConversationId> page);

  /** Where one conversation of the user stands; see {@link #inbox(PageQuery)}. */
  CompletableFuture<ConversationState> inbox(ConversationId conversation);

  /**
   * Those of the given users (at most {@link #MAX_USERS}) with whom this one shares a conversation,
   * for applications that let members of a group see more of each other than strangers do.
   */
  CompletableFuture<Set<UserId>> fellowMembers(Set<UserId> among);

  /**
   * Sends a message. The future completes after the commit, never before.
   *
   * <p>Fails, beside the common codes, with {@code CONFLICT} for a client message id that was used
   * with other content, {@code FORBIDDEN} for a member who is silenced, {@code RATE_LIMITED} with
   * {@link ChatException#retryAfter} for a plain member who sends too soon in slow mode, {@code
   * TOO_LARGE} for too long a text, and what the {@link chat.engine.hook.SendHook} answers. {@code
   * UNAVAILABLE} with {@link ChatException#inDoubt()} means that it may have been stored: send it
   * again with the same id.
   */
  CompletableFuture<SendAck> send(ConversationId conversation, NewMessage message);

  /**
   * Changes the text of one of the user's own messages. Members who are online see it as {@link
   * chat.engine.event.MessageChanged}, others in the answer to their sync. Stored in one sequence
   * with the sends to the conversation, in the order of the calls, and in the same transactions.
   * The future completes after the commit. Idempotent: an edit to the text that the message already
   * has changes nothing. The earlier text is lost, unless the engine keeps a history of edits
   * ({@link EngineBuilder#editHistory}).
   *
   * <p>{@code FORBIDDEN} for somebody else's message, {@code CONFLICT} if it was deleted, {@code
   * NOT_FOUND} if there is none with this seq or the user is no member; else as {@link #send}. The
   * {@link chat.engine.hook.SendHook} is asked.
   */
  CompletableFuture<ChangeAck> editMessage(
      ConversationId conversation, long seq, MessageEdit content);

  /**
   * A page of the versions of a message: what it said before its edits, as far as that was kept,
   * and last what it says now; ascending, as of one moment. A message that was never edited has
   * only the current version, a deleted or expired one has none. Everybody who may read the message
   * may read its versions; mentions of earlier versions are not kept. With very long texts a page
   * has fewer than asked for. Reads the store.
   *
   * <p>{@code FORBIDDEN} where the history of edits is off, see {@link EngineBuilder#editHistory};
   * {@code NOT_FOUND} if there is no message with this seq, or the user is no member or may not
   * read so far back.
   *
   * @param page goes on behind the {@link MessageVersion#number()} of the last version of the page
   *     before
   */
  CompletableFuture<Page<MessageVersion>> edits(
      ConversationId conversation, long seq, PageQuery<Long> page);

  /**
   * Takes the text, the mentions, the attributes and the former versions of a message out of the
   * database; what stays is its place, its sender and that it was deleted ({@link
   * Message#deleted}). The author may do that, and in a group its owner and its admins. Otherwise
   * as {@link #editMessage}; instead of the {@code SendHook} the {@link
   * chat.engine.hook.ActionHook} is asked. Deleting again changes nothing.
   *
   * <p>The deleted text is in no table and no index any more when the future completes. PostgreSQL
   * overwrites its bytes on disk with time, when it vacuums; backups and the write-ahead log have
   * them for as long as they are kept.
   */
  CompletableFuture<ChangeAck> deleteMessage(ConversationId conversation, long seq);

  /**
   * Reacts to a message with an emoji, or takes that back. Who was online sees it as {@link
   * chat.engine.event.ReactionChanged}; the counts are in {@link Message#reactions} of whatever is
   * read later, with {@link ReactionCount#me}. Stored as an edit is, in the order of the calls, and
   * however many members react to a message at once, its row is written once for all of them. The
   * future completes after the commit. Idempotent: to react as one does already changes nothing.
   *
   * <p>{@code CONFLICT} if the message was deleted, {@code NOT_FOUND} if there is none with this
   * seq or the user is no member, {@code TOO_LARGE} beyond {@link UserReactions#MAX_PER_USER} emoji
   * of one user or {@link ReactionCount#MAX_PER_MESSAGE} of all; else as {@link #send}. The {@link
   * chat.engine.hook.ActionHook} is asked. A deletion of the message deletes its reactions, and a
   * member who goes leaves theirs.
   *
   * @param on false to take it back
   */
  CompletableFuture<ReactionAck> react(
      ConversationId conversation, long seq, Emoji emoji, boolean on);

  /**
   * A page of those who react to a message, ascending by the bytes of their ids in UTF-8. Reads the
   * store. {@code NOT_FOUND} if there is no message with this seq or the user is no member; a
   * deleted message has none.
   *
   * @param emoji null for all
   */
  CompletableFuture<Page<UserReactions>> reactions(
      ConversationId conversation, long seq, @Nullable Emoji emoji, PageQuery<UserId> page);

  /**
   * Pins a message, so that all members find it among the pins of the conversation. In a group its
   * owner and its admins may do that, in a direct conversation both users ({@link
   * ErrorCode#FORBIDDEN} for others, and while silenced). Members who are online see it as {@link
   * chat.engine.event.ConversationChanged} with {@link ConversationChange.Kind#PINNED}; later it is
   * in {@link ConversationState#pinned}. Stored like an edit, in the order of the calls; the future
   * completes after the commit. Idempotent: pinning a pinned message changes nothing, and it keeps
   * its place among the pins.
   *
   * <p>{@code CONFLICT} if the message was deleted, {@code NOT_FOUND} if there is none with this
   * seq or the user is no member, {@code TOO_LARGE} beyond {@link
   * PinnedMessage#MAX_PER_CONVERSATION} pins; else as {@link #send}. The {@link
   * chat.engine.hook.ActionHook} is asked. A deletion of the message ends the pin.
   */
  CompletableFuture<PinAck> pin(ConversationId conversation, long seq);

  /**
   * Unpins a message. The same users may do that, whoever pinned it. Idempotent: a message that is
   * not pinned, even a deleted one, is no error.
   */
  CompletableFuture<PinAck> unpin(ConversationId conversation, long seq);

  /**
   * A page of the pinned messages, each as it is now, the last pinned first. Reads the store; a
   * page of very long messages has fewer than asked for, as a page of the history. {@code
   * NOT_FOUND} if the user is no member.
   *
   * @param page goes on behind the {@link PinnedMessage#rev()} of the last pin of the page before
   */
  CompletableFuture<Page<PinnedMessage>> pins(ConversationId conversation, PageQuery<Long> page);

  /** One page; the newest message is in it as soon as its send was acknowledged by any node. */
  CompletableFuture<MessagePage> history(ConversationId conversation, HistoryQuery query);

  /**
   * Messages in the user's conversations that have all words of a query, newest first, a page at a
   * time. Searched are the conversations of which the user is a member now, including what was
   * written before they joined. Messages are found as they are now, and deleted texts are not
   * found. A message that was acknowledged before the call is found, unless very much is waiting to
   * be indexed ({@link SearchPage#indexing}).
   *
   * <p>A page does a bounded amount of work: it compares at most about 3,000 messages, takes about
   * 2 s at most, and its messages at most 256 KiB. If it reaches a bound it has fewer messages than
   * asked for, with a place to continue at ({@link SearchPage#next}). Only the newest 20,000 pieces
   * of 1,024 messages each are searched, so a user with more than 20,000 conversations finds
   * messages only in those that were active last.
   *
   * <p>{@code FORBIDDEN} where search is off, see {@link EngineBuilder#search}; {@code NOT_FOUND}
   * if the user is not in the conversation that the query names; {@code BUSY} if too many searches
   * wait.
   */
  CompletableFuture<SearchPage> search(SearchQuery query);

  /**
   * Marks all messages up to the seq as read; a lower seq than before changes nothing, but still
   * removes an unread mark ({@link Preferences#unreadFrom}) at or below it. {@code BAD_REQUEST}
   * beyond the last.
   */
  CompletableFuture<Void> markRead(ConversationId conversation, long seq);

  /**
   * Marks all messages up to the seq as received; a lower seq than before changes nothing. {@code
   * BAD_REQUEST} beyond the last.
   */
  CompletableFuture<Void> markReceived(ConversationId conversation, long seq);

  /**
   * Changes how the user sees a conversation: muted, archived, pinned, marked as unread. Nobody
   * else notices. The user's other sessions, on all nodes, see it as {@link
   * chat.engine.event.PreferencesChanged}. Takes effect in the order of the calls, including {@link
   * #markRead}; if two sessions change the same setting, the one that the store takes later wins.
   * Repeating it changes nothing and causes no event.
   *
   * <p>{@code BAD_REQUEST} for a mark beyond the last message; {@code TOO_LARGE} if more than
   * {@link Preferences#MAX_PINNED} conversations of the user would be pinned. (Sessions that pin at
   * the same moment may exceed that by one each.)
   *
   * @return the preferences as they are now
   */
  CompletableFuture<Preferences> setPreferences(ConversationId conversation, PreferencesEdit edit);

  /**
   * Blocks another user, silently: nobody is notified. From the completion on, on all nodes:
   *
   * <ul>
   *   <li>In the direct conversation of the two neither can send, edit, or move receipts: {@code
   *       FORBIDDEN}, with a text that gives the reason to this user only. Typing is not shown.
   *       Nothing that either sends after the completion reaches the other. Both can read earlier
   *       messages, delete their own, and change how they see the conversation. The application is
   *       not affected.
   *   <li>If they have none, neither can open one: {@code FORBIDDEN}.
   *   <li>To each other they are offline, and were never seen.
   * </ul>
   *
   * <p>Groups that they share stay as they are. Other nodes hide them from each other within
   * moments, and within 15 s if the news of it is lost. Idempotent. {@code BAD_REQUEST} for the
   * user's own id; the engine does not ask whether the user exists.
   */
  CompletableFuture<Void> block(UserId other);

  /** Ends what {@link #block} began; a block by the other user stays. Idempotent. */
  CompletableFuture<Void> unblock(UserId other);

  /** A page of those whom this user has blocked, ascending by the bytes of their ids in UTF-8. */
  CompletableFuture<Page<UserId>> blocked(PageQuery<UserId> page);

  /** What this user lets others see. Reads the store. */
  @Experimental
  CompletableFuture<Privacy> privacy();

  /**
   * Changes what this user lets others see. Both settings work both ways: users do not see of
   * others what they hide themselves.
   *
   * <ul>
   *   <li>{@link Privacy#lastSeen}: two users see each other's presence, which is whether they are
   *       online and when they were last seen, if each of them shows it to the other. Else they are
   *       offline to each other, and were never seen. The {@link chat.engine.hook.ContactPolicy}
   *       says who is a contact.
   *   <li>{@link Privacy#readReceipts}: two members of a conversation, also of a group, see how far
   *       the other has read if both have it on. Otherwise they see only receipts of the kind
   *       received: a message that was read counts as received. The user's own devices see all, and
   *       unread counts stay exact. What is read after the change has completed is shown to nobody.
   *       When a user switches it on again, others see within seconds how far the user is, in the
   *       1,000 conversations that were active last, and in the others with {@link #members} or the
   *       next receipt; the user sees how far others are with {@link #members}.
   * </ul>
   *
   * <p>New calls ({@link #presence}, {@link #members}) take the change into account on all nodes as
   * soon as it has completed; users who watch are notified within moments, and within 15 s if the
   * news between nodes is lost. The user's other sessions see it as {@link
   * chat.engine.event.PrivacyChanged}; after a resync ask {@link #privacy}. The application itself
   * sees everything. Idempotent.
   *
   * <p>{@code RATE_LIMITED} if read receipts are switched on less than 10 s after the last time.
   *
   * @return the settings as they are now
   */
  @Experimental
  CompletableFuture<Privacy> setPrivacy(PrivacyEdit edit);

  /**
   * Changes how this user is shown to others. There is no event: applications read profiles when
   * they show users. The {@link chat.engine.hook.ActionHook} is asked. Idempotent.
   *
   * @return the profile as it is now
   */
  @Experimental
  CompletableFuture<Profile> updateProfile(ProfileUpdate update);

  /**
   * How users are shown: one profile each, ascending by id, empty for a user who has set nothing.
   * It is also empty between two users if one has blocked the other. Everybody else is shown; the
   * engine does not ask whether a user exists. Reads the store. {@code TOO_LARGE} for more than
   * {@link #MAX_PROFILES} users; ask in pieces.
   */
  @Experimental
  CompletableFuture<List<Profile>> profiles(Set<UserId> users);

  /**
   * Presence of users as this node knows it now. The application decides whom the caller may ask
   * about. {@code TOO_LARGE} for more than {@link #MAX_USERS} users; ask in pieces.
   */
  CompletableFuture<List<Presence>> presence(Set<UserId> users);
}
