package chat.engine.protocol.verb;

import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;

/** Creates a group whose owner is the user. */
final class CreateGroup implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.alone(
        call.session()
            .createGroup(call.text("name"), Users.of(call.texts("members")))
            .thenApply(
                group ->
                    JsonObjects.object()
                        .put("conversation_id", group.id().toString())
                        .put("name", group.name())));
  }
}
