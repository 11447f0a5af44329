package chat.engine.protocol.verb.message;

import chat.engine.ChatUser;
import chat.engine.PinAck;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import tools.jackson.databind.node.ObjectNode;

/** Pins a message, or unpins it. */
public final class PinMessage implements Verb {
  private final boolean on;

  /**
   * @param on false to unpin
   */
  public PinMessage(boolean on) {
    this.on = on;
  }

  @Override
  public Outcome handle(VerbCall call) {
    ChatUser user = call.session();
    long seq = call.integer("seq", 1);
    return Outcome.inOrder(
        (on ? user.pin(call.conversation(), seq) : user.unpin(call.conversation(), seq))
            .thenApply(PinMessage::acknowledgement));
  }

  private static ObjectNode acknowledgement(PinAck ack) {
    return JsonObjects.object()
        .put("conversation_id", ack.conversation().toString())
        .put("seq", ack.seq())
        .put("rev", ack.rev());
  }
}
