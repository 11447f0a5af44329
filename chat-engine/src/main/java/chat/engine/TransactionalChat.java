package chat.engine;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Acts inside a transaction of the application: what is done here is stored together with the
 * application's own rows, or not at all, and is shown to the members after the commit. Get a new
 * one from {@link ChatEngine#transactional} for each transaction.
 *
 * <pre>{@code
 * TransactionalChat chat = engine.transactional(connection);
 * Conversation talk = chat.ensureGroup(GroupKey.of("order:" + order), NewGroup.named("Your order"));
 * chat.ensureMember(talk.id(), customer);
 * chat.send(talk.id(), NewMessage.text("Your order has shipped"));
 * connection.commit();
 * chat.publish();
 * }</pre>
 *
 * <p>Everything works as in {@link ChatApplication}, with the same limits. What a user sends is
 * shown to the {@link chat.engine.hook.SendHook}, while the transaction waits.
 *
 * <p><b>Locks.</b> A conversation that is sent to or changed is locked until the transaction ends:
 * other sends to it wait, up to the engine's send time-out, so keep the transaction short. Sends to
 * all other conversations go on. To keep a process that hangs or vanishes from holding a
 * conversation, the server ends a transaction that is idle for too long between two statements:
 * {@link EngineBuilder#transactionIdleLimit}. Transactions that use several conversations should
 * use them in the same order, or PostgreSQL may have to end one of two that wait for each other.
 *
 * <p><b>After the commit</b> call {@link #publish}, so that connected members see it at once. If
 * the call is forgotten, or the process dies before it, the engines of the cluster find what was
 * committed and show it within seconds.
 *
 * <p>Not thread-safe, like the connection. All methods but {@link #publish} block, as JDBC does, on
 * the thread of the caller. They throw {@link ChatException} as the futures of {@link
 * ChatApplication} fail. A refusal ({@code BAD_REQUEST}, {@code NOT_FOUND}, {@code FORBIDDEN},
 * {@code CONFLICT}, {@code TOO_LARGE}) leaves the transaction as it was. {@code BUSY}, when another
 * transaction holds the conversation for 5 s or PostgreSQL asks to repeat the transaction, and
 * {@code UNAVAILABLE} leave it aborted, as after any SQL error: roll it back, and repeat it as a
 * whole. {@link IllegalStateException} if the connection is in auto-commit mode, or if the
 * transaction had failed before.
 */
public interface TransactionalChat {

  // ---- messages

  /** Sends as {@link UserId#SYSTEM}; see {@link ChatApplication#send}. */
  default SendAck send(ConversationId conversation, NewMessage message) {
    return send(UserId.SYSTEM, conversation, message);
  }

  /**
   * Sends as a user, who must be a member, or as {@link UserId#SYSTEM}; idempotent by client
   * message id like any send. A message that forwards another gets the content that the other has
   * at the time of this call, as this transaction sees it, including what was sent earlier in the
   * same transaction.
   *
   * @return what the message will be once the transaction has committed
   */
  SendAck send(UserId sender, ConversationId conversation, NewMessage message);

  /**
   * Edits a message as a user, or as {@link UserId#SYSTEM}; see {@link ChatUser#editMessage}.
   *
   * @return what will hold once the transaction has committed
   */
  ChangeAck editMessage(UserId actor, ConversationId conversation, long seq, MessageEdit content);

  /**
   * Deletes a message as a user, or as {@link UserId#SYSTEM}; see {@link ChatUser#deleteMessage}.
   * No hook is asked.
   *
   * @return what will hold once the transaction has committed
   */
  ChangeAck deleteMessage(UserId actor, ConversationId conversation, long seq);

  /**
   * Reacts to a message as a user, or takes that back; see {@link ChatUser#react}. No hook is
   * asked. {@code BAD_REQUEST} for {@link UserId#SYSTEM}.
   *
   * @return what will hold once the transaction has committed
   */
  ReactionAck react(UserId actor, ConversationId conversation, long seq, Emoji emoji, boolean on);

  /** Pins as {@link UserId#SYSTEM}; see {@link ChatApplication#pin}. */
  default PinAck pin(ConversationId conversation, long seq) {
    return pin(UserId.SYSTEM, conversation, seq);
  }

  /**
   * Pins a message as a user, or as {@link UserId#SYSTEM}; see {@link ChatUser#pin}. No hook is
   * asked.
   *
   * @return what will hold once the transaction has committed
   */
  PinAck pin(UserId actor, ConversationId conversation, long seq);

  /** Unpins as {@link UserId#SYSTEM}; see {@link ChatApplication#unpin}. */
  default PinAck unpin(ConversationId conversation, long seq) {
    return unpin(UserId.SYSTEM, conversation, seq);
  }

  /** As {@link #pin(UserId, ConversationId, long)}; see {@link ChatUser#unpin}. */
  PinAck unpin(UserId actor, ConversationId conversation, long seq);

  // ---- conversations

  /** See {@link ChatApplication#ensureGroup}. */
  Conversation ensureGroup(GroupKey key, NewGroup group);

  /** See {@link ChatApplication#openDirect}. */
  Conversation openDirect(UserId one, UserId other);

  /** See {@link ChatApplication#rename}. */
  void rename(ConversationId group, String name);

  /**
   * Renames a group as a user, with the rules of {@link ChatUser#renameGroup}: {@code NOT_FOUND} if
   * the user is no member, {@code FORBIDDEN} for a plain member. The {@link
   * chat.engine.hook.ActionHook} is not asked.
   */
  void rename(UserId actor, ConversationId group, String name);

  /** See {@link ChatApplication#updateGroup}. */
  void update(ConversationId group, GroupUpdate update);

  /**
   * Changes fields of a group as a user, with the rules of {@link ChatUser#updateGroup}; see {@link
   * #rename(UserId, ConversationId, String)}.
   */
  void update(UserId actor, ConversationId group, GroupUpdate update);

  /** See {@link ChatApplication#setAttributes}. */
  void setAttributes(ConversationId group, @Nullable String opaque);

  /** See {@link ChatApplication#delete}; the texts leave the database after the commit. */
  void delete(ConversationId conversation);

  // ---- members

  /** See {@link ChatApplication#ensureMembers(ConversationId, Set)}. */
  default void ensureMember(ConversationId group, UserId user) {
    ensureMembers(group, Set.of(user));
  }

  /** See {@link ChatApplication#ensureMembers(ConversationId, Set, Role)}. */
  default void ensureMember(ConversationId group, UserId user, Role role) {
    ensureMembers(group, Set.of(user), role);
  }

  /** See {@link ChatApplication#ensureMembers(ConversationId, Set)}. */
  void ensureMembers(ConversationId group, Set<UserId> users);

  /** See {@link ChatApplication#ensureMembers(ConversationId, Set, Role)}. */
  void ensureMembers(ConversationId group, Set<UserId> users, Role role);

  /** See {@link ChatApplication#ensureNoMembers}. */
  default void ensureNoMember(ConversationId group, UserId user) {
    ensureNoMembers(group, Set.of(user));
  }

  /** See {@link ChatApplication#ensureNoMembers}. */
  void ensureNoMembers(ConversationId group, Set<UserId> users);

  /** See {@link ChatApplication#setRole}. */
  void setRole(ConversationId group, UserId member, Role role);

  /** See {@link ChatApplication#ban}. */
  void ban(ConversationId group, UserId user, @Nullable Instant until);

  /** See {@link ChatApplication#unban}. */
  void unban(ConversationId group, UserId user);

  /** See {@link ChatApplication#silence}. */
  void silence(ConversationId group, UserId member, @Nullable Instant until);

  /** See {@link ChatApplication#refreshMembers}. */
  @Experimental
  Optional<Conversation> refreshMembers(GroupKey key);

  // ---- after the commit

  /**
   * Shows everything that was done to the connected members, on all nodes; call it after the
   * commit. Does not block and does not use the connection; idempotent.
   *
   * @return whether all of it is in the store: false after a rollback, and before the commit
   */
  CompletableFuture<Boolean> publish();
}
