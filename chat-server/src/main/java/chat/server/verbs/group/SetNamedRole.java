package chat.server.verbs.group;

import chat.engine.ChatException;
import chat.engine.Role;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Roles;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import chat.server.conversations.Conversations;
import chat.server.verbs.caller.Caller;
import java.util.List;

/** Gives a member of a group another role. */
public final class SetNamedRole implements Verb {
  private final Conversations conversations;

  public SetNamedRole(Conversations conversations) {
    this.conversations = conversations;
  }

  @Override
  public Outcome handle(VerbCall call) {
    Role role = Roles.named(call.text("role"));
    List<String> members = call.texts("members");
    if (members.size() != 1) {
      throw ChatException.badRequest("members must name one member");
    }
    return Outcome.alone(
        call.blocking(
            () -> {
              conversations.setRole(
                  Caller.of(call).account(), call.conversation(), members.get(0), role);
              return JsonObjects.object();
            }));
  }
}
