package chat.engine.protocol.verb.user;

import chat.engine.protocol.Outcome;
import chat.engine.protocol.ProfileJson;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;

/** Tells how users are shown. */
public final class ShowProfiles implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.inOrder(
        call.session().profiles(Users.of(call.texts("usernames"))).thenApply(ProfileJson::list));
  }
}
