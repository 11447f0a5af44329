package chat.engine.protocol.verb.group;

import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;

/** Leaves a group. */
public final class Leave implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.done(call.session().leave(call.conversation()));
  }
}
