package chat.engine.protocol.verb.moderation;

import chat.engine.ChatException;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;

/** Lets a member read but not write until a time, or ends that. */
public final class Silence implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    if (!call.request().has("until")) {
      throw ChatException.badRequest("until is missing; null ends a silence");
    }
    return Outcome.done(
        call.session()
            .silence(
                call.conversation(),
                call.namedUser("username"),
                call.optionalTime("until").orElse(null)));
  }
}
