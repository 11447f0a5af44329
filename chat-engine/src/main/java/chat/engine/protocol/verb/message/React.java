package chat.engine.protocol.verb.message;

import chat.engine.Emoji;
import chat.engine.ReactionAck;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import tools.jackson.databind.node.ObjectNode;

/** Reacts to a message with an emoji, or takes that back. */
public final class React implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.inOrder(
        call.session()
            .react(
                call.conversation(),
                call.integer("seq", 1),
                Emoji.of(call.text("emoji")),
                call.flag("on"))
            .thenApply(React::acknowledgement));
  }

  private static ObjectNode acknowledgement(ReactionAck ack) {
    return JsonObjects.object()
        .put("conversation_id", ack.conversation().toString())
        .put("seq", ack.seq())
        .put("rev", ack.rev())
        .put("count", ack.count());
  }
}
