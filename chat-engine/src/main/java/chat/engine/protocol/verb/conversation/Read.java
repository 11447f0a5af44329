package chat.engine.protocol.verb.conversation;

import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;

/** Marks messages as read. */
public final class Read implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.done(call.session().markRead(call.conversation(), call.integer("seq")));
  }
}
