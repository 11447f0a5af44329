package chat.engine.protocol.verb.group;

import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;

/** Gives a group another name. */
public final class RenameGroup implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.done(call.session().renameGroup(call.conversation(), call.text("name")));
  }
}
