package chat.engine.protocol.verb.message;

import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.SendRequest;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import chat.engine.protocol.verb.conversation.OpenDirect;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Sends a message to a conversation that the user is in, or, where the host has opened {@code
 * open_direct}, to another user.
 */
public final class Send implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    SendRequest request = SendRequest.of(call);
    Optional<String> to = call.optionalText("to");
    Optional<String> conversation = call.optionalText("conversation_id");
    if (to.isPresent() == conversation.isPresent()) {
      throw ChatException.badRequest("give one of conversation_id and to");
    }
    if (conversation.isPresent()) {
      return Outcome.inOrder(request.sendTo(ConversationId.parse(conversation.get())));
    }
    if (!call.connection().protocol().isOpen(OpenDirect.NAME)) {
      throw ChatException.forbidden("this application opens direct conversations itself");
    }
    CompletableFuture<ConversationId> opened =
        call.session().openDirect(UserId.of(to.orElseThrow())).thenApply(found -> found.id());
    return new Outcome(opened.thenCompose(request::sendTo), opened.handle((id, fault) -> id));
  }
}
