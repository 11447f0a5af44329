package chat.engine.protocol.verb.message;

import chat.engine.protocol.Outcome;
import chat.engine.protocol.Pages;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import chat.engine.protocol.WireJson;

/** Reads a page of a conversation. */
public final class History implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.alone(
        call.session().history(call.conversation(), Pages.of(call)).thenApply(WireJson::page));
  }
}
