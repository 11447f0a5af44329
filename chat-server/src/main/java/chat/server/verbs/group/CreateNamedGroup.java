package chat.server.verbs.group;

import chat.engine.HistoryAccess;
import chat.engine.protocol.GroupUpdates;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import chat.server.accounts.Account;
import chat.server.conversations.Conversations;
import chat.server.conversations.GroupNames.NamedGroup;
import chat.server.verbs.caller.Caller;
import java.util.List;
import java.util.Optional;

/** Creates a group under a name that no other group has; once, if the client names it, too. */
public final class CreateNamedGroup implements Verb {
  private final Conversations conversations;

  public CreateNamedGroup(Conversations conversations) {
    this.conversations = conversations;
  }

  @Override
  public Outcome handle(VerbCall call) {
    String name = call.text("name");
    List<String> members = call.texts("members");
    HistoryAccess history = GroupUpdates.history(call.request());
    Optional<String> clientGroupId = call.optionalText("client_group_id");
    return Outcome.alone(
        call.blocking(
            () -> {
              Account creator = Caller.of(call).account();
              Conversations.Created group =
                  clientGroupId
                      .map(id -> conversations.createGroupOnce(creator, id, name, members, history))
                      .orElseGet(
                          () ->
                              created(conversations.createGroup(creator, name, members, history)));
              return JsonObjects.object()
                  .put("conversation_id", group.conversation().toString())
                  .put("name", group.name());
            }));
  }

  private static Conversations.Created created(NamedGroup group) {
    return new Conversations.Created(group.conversation(), group.name());
  }
}
