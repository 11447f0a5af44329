package chat.engine.protocol.verb.moderation;

import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;

/** Keeps a user out of a group. */
public final class BanUser implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.done(
        call.session()
            .ban(
                call.conversation(),
                call.namedUser("username"),
                call.optionalTime("until").orElse(null)));
  }
}
