package chat.engine.protocol.verb.conversation;

import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;

/** Marks messages as received. */
public final class Received implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.done(call.session().markReceived(call.conversation(), call.integer("seq")));
  }
}
