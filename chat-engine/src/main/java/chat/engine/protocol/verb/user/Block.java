package chat.engine.protocol.verb.user;

import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;

/** Blocks a user. */
public final class Block implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.alone(
        call.session().block(call.namedUser("username")).thenApply(done -> JsonObjects.object()));
  }
}
