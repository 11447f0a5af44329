package chat.engine.spi;

import chat.engine.Ban;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.Member;
import chat.engine.MemberList;
import chat.engine.Message;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.ConversationStore.Changed;
import chat.engine.spi.MessageStore.Reading;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a store does inside a transaction of the application, which the application commits or rolls
 * back. Methods see what was done earlier in the same transaction; nobody else sees it before the
 * commit. Conversations that are changed, sent to or locked stay locked until the transaction ends:
 * sends of others to them wait. A method restores the settings of the connection that it changed,
 * except for the limit on idling.
 *
 * <p>Not thread-safe, like the connection. Every method blocks. {@link StoreBusyException} and
 * {@link StoreUnavailableException} as for the store; after any exception the transaction can only
 * be rolled back.
 */
public interface StoreTransaction {
  /**
   * Makes one write, as {@link MessageStore#append} does; waits for the conversation if another
   * transaction holds it. {@link AppendOutcome.Locked} is not among the outcomes.
   */
  AppendOutcome append(Write write);

  /** See {@link ConversationStore#openDirect}. */
  Conversation openDirect(Conversation proposed);

  /** See {@link ConversationStore#ensureGroup}. */
  Conversation ensureGroup(
      ConversationStore.Key key, Conversation proposed, Map<UserId, Role> members);

  /**
   * The group with a key. If there is none, the key is locked: until this transaction ends, nobody
   * else gives it to a group or locks it, and those who try wait.
   */
  Optional<Conversation> findOrLock(ConversationStore.Key key);

  /** See {@link ConversationStore#keyOf}. */
  Optional<ConversationStore.Key> keyOf(ConversationId conversation);

  /** The conversation; empty if there is none. */
  Optional<Conversation> find(ConversationId id);

  /** The one member; empty if the user is not a member or there is no such conversation. */
  Optional<Member> member(ConversationId conversation, UserId user);

  /** See {@link MessageStore#read}. */
  Optional<Message> readable(Reading wanted);

  /**
   * Locks a conversation.
   *
   * @return its members and their rev, which stay as they are until this transaction changes them;
   *     empty if there is no such conversation
   */
  Optional<MemberList> lock(ConversationId conversation);

  /** See {@link ConversationStore#bans(ConversationId, Collection, Instant)}. */
  List<Ban> bans(ConversationId conversation, Collection<UserId> among, Instant now);

  /** See {@link ConversationStore#change}. */
  Optional<Changed> change(
      ConversationId conversation,
      long expectedRev,
      List<Change> changes,
      UserId actor,
      Instant now);

  /** See {@link ConversationStore#delete}. */
  Optional<Changed> delete(ConversationId conversation, UserId actor, Instant now);

  /**
   * Called when the application says that it has committed. A store whose transaction is the
   * application's has nothing to do; one that has none stores everything now. Idempotent, and does
   * not use the connection, which may serve others by now.
   *
   * @return what became of the writes, in the order in which they were appended
   */
  List<AppendOutcome> committed();
}
