package chat.engine.hook;

import chat.engine.Experimental;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Asked before each action with which a user creates or changes a conversation, or their own
 * profile; may let it pass or refuse it. For sends and edits there is the {@link SendHook}.
 *
 * <p>The engine checks first that the user is a member of the conversation, or has a valid code to
 * join it, and applies the rules of {@link chat.engine.Role} afterwards, in the transaction: an
 * action that the hook allows may still be refused. It is not asked about receipts, which say only
 * what their user has seen and come with every message, about typing, which changes nothing, or
 * about what the application does itself.
 *
 * <p>Threads, deadline, bounds and faults are as for the {@link SendHook}, with bounds of their
 * own: neither hook holds up the other. The actions of one user in one conversation are asked about
 * one after the other and stay in order.
 */
@Experimental
@FunctionalInterface
public interface ActionHook {
  /**
   * @return completes, with anything, to let the action pass; fails with a {@link
   *     chat.engine.ChatException} to refuse it; never null
   */
  CompletionStage<?> onAction(UserAction action);

  /**
   * A hook that decides before it returns.
   *
   * @param check throws a {@link chat.engine.ChatException} to refuse the action; may block
   */
  static ActionHook blocking(Consumer<? super UserAction> check) {
    return action -> {
      check.accept(action);
      return CompletableFuture.completedFuture(action);
    };
  }
}
