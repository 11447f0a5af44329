package chat.engine.hook;

import chat.engine.Experimental;
import chat.engine.GroupKey;
import chat.engine.Role;
import chat.engine.UserId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Says who the members of a group are, for applications that keep this in their own tables. Give it
 * to {@link chat.engine.EngineBuilder#membership} with the prefix of the keys of its groups. Then,
 * in these groups, nobody changes members or roles with another call ({@code FORBIDDEN}), and a
 * member who wants to leave does so in the application.
 *
 * <p>The engine keeps the answer with the conversation, under its rev, and checks every send
 * against it, so no send is slower. Call {@link chat.engine.ChatApplication#refreshMembers} or
 * {@link chat.engine.TransactionalChat#refreshMembers} when the answer has changed. It is also
 * asked when {@code ensureGroup} creates a group.
 *
 * <p><b>Inside the commit.</b> It is asked in the transaction that stores its answer, after the
 * conversation was locked, and on the connection of that transaction. So the answer of the latest
 * commit is the one that stays, in whatever order two refreshes run. In a transaction of the
 * application, the connection is the application's own, and what the transaction has changed so far
 * is visible on it. The transaction and its connection belong to the caller: only read; do not
 * commit, roll back, close or lock.
 *
 * <p><b>Threads.</b> {@link chat.engine.TransactionalChat} asks on the thread of its caller,
 * without a deadline. Otherwise it is asked as a {@link SendHook} is, on threads that may block and
 * from several at once, so an implementation is thread-safe. The answer must be there before the
 * engine's hook deadline or its limit on idle transactions, whichever is shorter; after that the
 * thread is interrupted and the connection is cut, so that the conversation is unlocked even if
 * this method never returns. Each statement ends within the limit on idle transactions as well. Two
 * refreshes run at the same time on a node, and others wait for them.
 *
 * <p><b>Faults.</b> A {@link chat.engine.ChatException} fails the call with it. Anything else, a
 * missed deadline, and an answer that names no possible group (null, a null user or role, the
 * system, two owners) fail it with {@code INTERNAL} and the exception as its cause; more members
 * than {@link chat.engine.EngineBuilder#maxGroupMembers} with {@code TOO_LARGE}. Nothing is stored
 * then, and the group keeps the members that it had. If a statement fails in a transaction of the
 * application, that transaction can only be rolled back, as after any SQL error.
 *
 * <p>All nodes of a cluster have the same memberships under the same prefixes.
 */
@Experimental
@FunctionalInterface
public interface Membership {
  /**
   * All members of a group, with their roles; one of them may be the owner. An empty map removes
   * everybody; the group and its messages stay until they are deleted.
   *
   * @param group its key
   * @param transaction in which the answer is stored; null if the store has no connections, as the
   *     in-memory store
   */
  Map<UserId, Role> members(GroupKey group, @Nullable Connection transaction) throws SQLException;
}
