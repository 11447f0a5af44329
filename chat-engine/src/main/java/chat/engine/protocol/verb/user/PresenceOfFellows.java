package chat.engine.protocol.verb.user;

import chat.engine.UserId;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import chat.engine.protocol.WireJson;
import java.util.Set;

/** Tells how things stand with users with whom the user shares a conversation. */
public final class PresenceOfFellows implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    Set<UserId> asked = Set.copyOf(call.users("usernames"));
    return Outcome.inOrder(
        call.session()
            .fellowMembers(asked)
            .thenCompose(visible -> call.session().presence(visible))
            .thenApply(WireJson::presences));
  }
}
