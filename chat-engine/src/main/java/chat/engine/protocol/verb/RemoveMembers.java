package chat.engine.protocol.verb;

import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;

/** Removes members from a group. */
final class RemoveMembers implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.done(
        call.session().removeMembers(call.conversation(), Users.of(call.texts("members"))));
  }
}
