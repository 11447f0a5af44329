package chat.engine.protocol.verb.group;

import chat.engine.GroupKey;
import chat.engine.HistoryAccess;
import chat.engine.UserId;
import chat.engine.protocol.GroupUpdates;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import java.util.Set;

/** Creates a group that the user owns. A repeat with the same client_group_id creates no other. */
public final class CreateGroup implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    String name = call.text("name");
    Set<UserId> members = Set.copyOf(call.users("members"));
    HistoryAccess history = GroupUpdates.history(call.request());
    GroupKey key = call.optionalText("client_group_id").map(GroupKey::ofClient).orElse(null);
    return Outcome.alone(
        call.session()
            .createGroup(key, name, members, history)
            .thenApply(
                group ->
                    JsonObjects.object()
                        .put("conversation_id", group.id().toString())
                        .put("name", group.name())));
  }
}
