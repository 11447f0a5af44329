package chat.engine.protocol.verb.group;

import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import java.util.Set;

/** Removes members from a group. */
public final class RemoveMembers implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.done(
        call.session().removeMembers(call.conversation(), Set.copyOf(call.users("members"))));
  }
}
