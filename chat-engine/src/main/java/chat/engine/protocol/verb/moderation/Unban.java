package chat.engine.protocol.verb.moderation;

import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;

/** Ends a ban. */
public final class Unban implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.done(call.session().unban(call.conversation(), call.namedUser("username")));
  }
}
