package chat.engine.protocol.verb.moderation;

import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;

/** Reports a message to the moderators. */
public final class ReportMessage implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.done(
        call.session().report(call.conversation(), call.integer("seq", 1), call.text("reason")));
  }
}
