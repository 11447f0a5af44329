package chat.engine.hook;

import chat.engine.Conversation;
import chat.engine.NewMessage;
import chat.engine.UserId;

/**
 * Asked before each message is stored; may let it pass, change its text and attributes, or refuse
 * it. The engine checks in any case that the sender is a member. A retry is passed to the hook
 * again, and stays a duplicate even if the hook changes it: content is compared as it was handed
 * in.
 *
 * <p>Called on threads of the engine that do nothing else, from several at once, so an
 * implementation is thread-safe. It may block, up to the engine's hook deadline (2 s unless set);
 * the sends of one user to one conversation are asked about one after the other and stay in order.
 * If it throws a {@link chat.engine.ChatException} the send fails with it. Any other throwable,
 * null, and a missed deadline refuse that send with {@code internal}: nothing passes that the hook
 * did not allow. A call that misses the deadline is interrupted; one that goes on nevertheless
 * keeps its thread. Calls and the sends that wait for one are bounded, see {@link
 * chat.engine.EngineBuilder#maxHookCalls} and {@link
 * chat.engine.EngineBuilder#maxPendingHookSends}; beyond that sends fail with {@code busy}.
 */
@FunctionalInterface
public interface SendHook {
  /**
   * @return the message to store, usually the given one; never null
   */
  NewMessage onSend(UserId sender, Conversation conversation, NewMessage message);
}
