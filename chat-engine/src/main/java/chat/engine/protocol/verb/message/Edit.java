package chat.engine.protocol.verb.message;

import chat.engine.MessageEdit;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import tools.jackson.databind.node.ObjectNode;

/** Makes an own message say something else. */
public final class Edit implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    ObjectNode attributes = call.optionalObject("attributes").orElseGet(JsonObjects::object);
    MessageEdit content =
        new MessageEdit(
            call.text("text"),
            call.users("mentions"),
            attributes.isEmpty() ? null : attributes.toString());
    return Outcome.inOrder(
        call.session()
            .editMessage(call.conversation(), call.integer("seq", 1), content)
            .thenApply(Delete::acknowledgement));
  }
}
