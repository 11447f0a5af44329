package chat.engine.hook;

import chat.engine.ClientMessageId;
import chat.engine.Conversation;
import chat.engine.MessageEdit;
import chat.engine.NewMessage;
import chat.engine.UserId;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Asked before each message is stored and before each edit; may let it pass, change its text,
 * attributes and attachments, or refuse it. It decides whether the sender may attach the files of
 * {@link NewMessage#attachments()}. The engine checks in any case that the sender is a member. A
 * retry is passed to the hook again, and stays a duplicate even if the hook changes it: content is
 * compared as it was passed in. A forward comes with the text and the attachments of its original,
 * and stays one.
 *
 * <p>Called on threads that may block, from several at once, so an implementation is thread-safe.
 * It may block there ({@link #blocking} makes that convenient), or return at once a future that is
 * completed later, which costs no thread meanwhile. Either way its answer must be there before the
 * engine's hook deadline (2 s unless set). The sends of one user to one conversation are asked
 * about one after the other and stay in order.
 *
 * <p>If it throws a {@link chat.engine.ChatException}, or its future fails with one, the send fails
 * with it. Any other exception or failure, null instead of the future or in it, and a missed
 * deadline refuse that send with {@code internal}: nothing passes that the hook did not allow. A
 * call that misses the deadline before it has returned is interrupted; one that goes on
 * nevertheless keeps its thread. Calls in progress and the sends that wait for one are bounded, see
 * {@link chat.engine.EngineBuilder#maxHookCalls} and {@link
 * chat.engine.EngineBuilder#maxPendingHookCalls}; beyond that sends fail with {@code busy}.
 */
@FunctionalInterface
public interface SendHook {
  /**
   * @return completes with the message to store, usually the given one; never null
   */
  CompletionStage<NewMessage> onSend(UserId sender, Conversation conversation, NewMessage message);

  /**
   * Asked before an edit is stored, as for a send. Unless overridden, asks {@link #onSend} about a
   * message with the content of the edit, and takes the content that it answers. The attachments of
   * the message stay and are not shown. An edit that takes away the text and has neither mentions
   * nor attributes says nothing, and is not asked about; one that has them, and no text, is refused
   * with {@code bad_request}: override this to allow it.
   *
   * @param seq of the message that is edited; whether it is the author's is checked later, in the
   *     transaction
   * @return completes with the content to store, usually the given one; never null
   */
  default CompletionStage<MessageEdit> onEdit(
      UserId author, Conversation conversation, long seq, MessageEdit edit) {
    if (edit.text().isEmpty() && edit.mentions().isEmpty() && edit.attributes() == null) {
      return CompletableFuture.completedFuture(edit);
    }
    NewMessage asSent =
        new NewMessage(
            ClientMessageId.of("edit-of-" + seq),
            edit.text(),
            null,
            edit.mentions(),
            edit.attributes());
    return onSend(author, conversation, asSent)
        .thenApply(
            allowed -> new MessageEdit(allowed.text(), allowed.mentions(), allowed.attributes()));
  }

  /** A hook that decides before it returns. */
  static SendHook blocking(Blocking hook) {
    return (sender, conversation, message) ->
        CompletableFuture.completedFuture(hook.onSend(sender, conversation, message));
  }

  /** A {@link SendHook} that may block until it knows. */
  @FunctionalInterface
  interface Blocking {
    /**
     * @return the message to store, usually the given one; null refuses it with {@code internal}
     */
    NewMessage onSend(UserId sender, Conversation conversation, NewMessage message);
  }
}
