package chat.engine.protocol.verb.group;

import chat.engine.ChatException;
import chat.engine.UserId;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Roles;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import java.util.List;

/** Gives a member of a group another role. */
public final class SetRole implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    List<String> members = call.texts("members");
    if (members.size() != 1) {
      throw ChatException.badRequest("members must name one member");
    }
    return Outcome.done(
        call.session()
            .setRole(
                call.conversation(), UserId.of(members.get(0)), Roles.named(call.text("role"))));
  }
}
