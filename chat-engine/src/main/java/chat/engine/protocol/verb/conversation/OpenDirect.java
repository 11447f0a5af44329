package chat.engine.protocol.verb.conversation;

import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;

/** Opens the direct conversation with another user. */
public final class OpenDirect implements Verb {
  public static final String NAME = "open_direct";

  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.alone(
        call.session()
            .openDirect(call.namedUser("to"))
            .thenApply(
                conversation ->
                    JsonObjects.object().put("conversation_id", conversation.id().toString())));
  }
}
