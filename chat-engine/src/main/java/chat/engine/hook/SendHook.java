package chat.engine.hook;

import chat.engine.Conversation;
import chat.engine.NewMessage;
import chat.engine.UserId;

/**
 * Asked before each message is stored; may let it pass, change its text and attributes, or refuse
 * it. That the sender is a member is checked by the engine, whatever the hook says. A retry is
 * asked about again, and is a duplicate whatever the hook makes of it: content is compared as it
 * was handed in.
 *
 * <p>May block, up to the engine's hook deadline (2 s unless set); the sends of one session to one
 * conversation stay in order meanwhile. If it throws a {@link chat.engine.ChatException} the send
 * fails with it; anything else, and a missed deadline, refuses the send with {@code internal}:
 * nothing passes that the hook did not allow.
 */
@FunctionalInterface
public interface SendHook {
  /**
   * @return the message to store, usually the given one
   */
  NewMessage onSend(UserId sender, Conversation conversation, NewMessage message);
}
