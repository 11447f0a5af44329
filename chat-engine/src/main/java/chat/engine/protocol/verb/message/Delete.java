package chat.engine.protocol.verb.message;

import chat.engine.ChangeAck;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import tools.jackson.databind.node.ObjectNode;

/** Deletes a message: an own one, or as owner or admin of a group that of another. */
public final class Delete implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.inOrder(
        call.session()
            .deleteMessage(call.conversation(), call.integer("seq", 1))
            .thenApply(Delete::acknowledgement));
  }

  static ObjectNode acknowledgement(ChangeAck ack) {
    ObjectNode answer =
        JsonObjects.object()
            .put("conversation_id", ack.conversation().toString())
            .put("seq", ack.seq())
            .put("rev", ack.rev());
    return ack.editedAt() == null
        ? answer
        : answer.put("edited_at", JsonObjects.time(ack.editedAt()));
  }
}
