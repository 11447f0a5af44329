package chat.engine.protocol.verb.user;

import chat.engine.protocol.Outcome;
import chat.engine.protocol.ProfileJson;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import java.util.Set;

/** Tells how users are shown. */
public final class ShowProfiles implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.inOrder(
        call.session().profiles(Set.copyOf(call.users("usernames"))).thenApply(ProfileJson::list));
  }
}
