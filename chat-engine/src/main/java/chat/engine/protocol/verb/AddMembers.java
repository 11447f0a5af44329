package chat.engine.protocol.verb;

import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;

/** Adds members to a group. */
final class AddMembers implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.done(
        call.session().addMembers(call.conversation(), Users.of(call.texts("members"))));
  }
}
