package chat.engine.protocol.verb.group;

import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import java.util.Set;

/** Adds members to a group. */
public final class AddMembers implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.done(
        call.session().addMembers(call.conversation(), Set.copyOf(call.users("members"))));
  }
}
