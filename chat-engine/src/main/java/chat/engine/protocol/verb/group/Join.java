package chat.engine.protocol.verb.group;

import chat.engine.Conversation;
import chat.engine.InviteCode;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import tools.jackson.databind.node.ObjectNode;

/** Joins a group by the code of an invite. */
public final class Join implements Verb {
  private static ObjectNode json(Conversation group) {
    return JsonObjects.object()
        .put("conversation_id", group.id().toString())
        .put("name", group.name());
  }

  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.alone(
        call.session().join(InviteCode.of(call.text("code"))).thenApply(Join::json));
  }
}
