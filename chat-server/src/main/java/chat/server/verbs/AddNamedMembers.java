package chat.server.verbs;

import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import chat.server.conversations.Conversations;

/** Adds users to a group, as far as the policy allows. */
final class AddNamedMembers implements Verb {
  private final Conversations conversations;

  AddNamedMembers(Conversations conversations) {
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
