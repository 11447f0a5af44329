package chat.server.verbs.group;

import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import chat.server.conversations.Conversations;
import chat.server.verbs.caller.Caller;

/** Adds users to a group, as far as the policy allows. */
public final class AddNamedMembers implements Verb {
  private final Conversations conversations;

  public AddNamedMembers(Conversations conversations) {
    this.conversations = conversations;
  }

  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.alone(
        call.blocking(
            () -> {
              conversations.addMembers(
                  Caller.of(call).account(), call.conversation(), call.texts("members"));
              return JsonObjects.object();
            }));
  }
}
