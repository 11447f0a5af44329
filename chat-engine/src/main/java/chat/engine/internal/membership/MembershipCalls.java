package chat.engine.internal.membership;

import chat.engine.ChatException;
import chat.engine.ErrorCode;
import chat.engine.GroupKey;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.internal.hook.HookRunner;
import chat.engine.internal.runtime.Errors;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the application in transactions of the engine: on a thread for hooks, with their deadline.
 * The thread that runs the transaction waits, and takes the connection away from an application
 * that has not returned by then, so that it can never use one that serves others again.
 * Thread-safe.
 */
public final class MembershipCalls {
  private static final Logger log = LoggerFactory.getLogger(MembershipCalls.class);

  private enum Turn {
    WAITS,
    IS_ASKED,
    HAS_RETURNED,
    IS_TOO_LATE
  }

  private final Memberships memberships;
  private final HookRunner calls;

  public MembershipCalls(Memberships memberships, HookRunner calls) {
    this.memberships = memberships;
    this.calls = calls;
  }

  /**
   * Blocks, until the deadline at the latest.
   *
   * @throws ChatException what the caller is told; if the deadline was missed, the connection is
   *     aborted
   */
  public Map<UserId, Role> ask(GroupKey key, @Nullable Connection transaction) {
    AtomicReference<Turn> turn = new AtomicReference<>(Turn.WAITS);
    CompletableFuture<Map<UserId, Role>> answer =
        calls.call(
            () -> {
              if (!turn.compareAndSet(Turn.WAITS, Turn.IS_ASKED)) {
                throw ChatException.of(
                    ErrorCode.INTERNAL, "the Membership would be asked too late");
              }
              try {
                return CompletableFuture.completedFuture(memberships.ask(key, transaction));
              } finally {
                turn.set(Turn.HAS_RETURNED);
              }
            });
    try {
      Map<UserId, Role> members = answer.join();
      requireOpen(key, transaction);
      return members;
    } catch (CompletionException refusal) {
      if (!turn.compareAndSet(Turn.WAITS, Turn.IS_TOO_LATE)
          && turn.get() == Turn.IS_ASKED
          && transaction != null) {
        abort(transaction);
      }
      throw Errors.toChatException(refusal);
    }
  }

  private static void requireOpen(GroupKey key, @Nullable Connection transaction) {
    boolean closed;
    try {
      closed = transaction != null && transaction.isClosed();
    } catch (SQLException broken) {
      closed = true;
    }
    if (closed) {
      throw ChatException.of(
          ErrorCode.INTERNAL,
          "the Membership closed the connection of the transaction for group " + key);
    }
  }

  private static void abort(Connection transaction) {
    try {
      transaction.abort(Runnable::run);
    } catch (SQLException | RuntimeException broken) {
      log.warn("the connection of a Membership that hangs could not be aborted", broken);
    }
  }
}
