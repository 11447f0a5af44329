package chat.engine.protocol.verb.group;

import chat.engine.GroupKey;
import chat.engine.UserId;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import chat.engine.protocol.verb.user.Users;
import java.util.Set;

/** Creates a group whose owner is the user; once, where the client gives it a name of its own. */
public final class CreateGroup implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    String name = call.text("name");
    Set<UserId> members = Users.of(call.texts("members"));
    return Outcome.alone(
        call.optionalText("client_group_id")
            .map(key -> call.session().createGroup(GroupKey.ofClient(key), name, members))
            .orElseGet(() -> call.session().createGroup(name, members))
            .thenApply(
                group ->
                    JsonObjects.object()
                        .put("conversation_id", group.id().toString())
                        .put("name", group.name())));
  }
}
