package chat.engine.protocol.verb.message;

import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;

/** Tells the other members that the user types, or has stopped. */
public final class Typing implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.inOrder(
        call.session()
            .typing(call.conversation(), call.flag("on"))
            .thenApply(done -> JsonObjects.object()));
  }
}
