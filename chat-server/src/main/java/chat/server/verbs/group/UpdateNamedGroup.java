package chat.server.verbs.group;

import chat.engine.GroupUpdate;
import chat.engine.protocol.GroupUpdates;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import chat.server.conversations.Conversations;
import chat.server.verbs.caller.Caller;

/** Changes one or more fields of a group at once; a name is one that no other group has. */
public final class UpdateNamedGroup implements Verb {
  private final Conversations conversations;

  public UpdateNamedGroup(Conversations conversations) {
    this.conversations = conversations;
  }

  @Override
  public Outcome handle(VerbCall call) {
    GroupUpdate update = GroupUpdates.of(call);
    return Outcome.alone(
        call.blocking(
            () -> {
              conversations.update(Caller.of(call).account(), call.conversation(), update);
              return JsonObjects.object();
            }));
  }
}
