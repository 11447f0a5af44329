package chat.engine.protocol.verb.conversation;

import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;

/** Answers; for clients behind networks that die silently. */
public final class Ping implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.of(JsonObjects.object());
  }
}
