package chat.engine.protocol.verb.user;

import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import chat.engine.protocol.WireJson;

/** Tells what others see of the caller. */
public final class ShowPrivacy implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.alone(
        call.session().privacy().thenApply(now -> WireJson.privacy(JsonObjects.object(), now)));
  }
}
