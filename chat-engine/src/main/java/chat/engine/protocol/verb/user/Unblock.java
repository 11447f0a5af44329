package chat.engine.protocol.verb.user;

import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;

/** Ends what {@link Block} began. */
public final class Unblock implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.alone(
        call.session().unblock(call.namedUser("username")).thenApply(done -> JsonObjects.object()));
  }
}
