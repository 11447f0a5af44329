package chat.engine.protocol.verb;

import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;

/** Marks messages as received. */
final class Received implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.done(call.session().markReceived(call.conversation(), call.integer("seq")));
  }
}
