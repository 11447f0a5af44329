package chat.engine.protocol.verb.group;

import chat.engine.protocol.GroupUpdates;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;

/** Changes one or more fields of a group at once. */
public final class UpdateGroup implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.done(call.session().updateGroup(call.conversation(), GroupUpdates.of(call)));
  }
}
