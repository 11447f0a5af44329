package chat.server.verbs;

import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import chat.server.accounts.GroupNames.NamedGroup;
import chat.server.conversations.Conversations;

/** Creates a group under a name that no other group has. */
final class CreateNamedGroup implements Verb {
  private final Conversations conversations;

  CreateNamedGroup(Conversations conversations) {
    this.conversations = conversations;
  }

  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.alone(
        call.blocking(
            () -> {
              NamedGroup group =
                  conversations.createGroup(
                      Caller.of(call).account(), call.text("name"), call.texts("members"));
              return JsonObjects.object()
                  .put("conversation_id", group.conversation().toString())
                  .put("name", group.name());
            }));
  }
}
