package chat.engine.protocol.verb.user;

import chat.engine.UserId;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;

/** Blocks a user. */
public final class Block implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.alone(
        call.session()
            .block(UserId.of(call.text("username")))
            .thenApply(done -> JsonObjects.object()));
  }
}
