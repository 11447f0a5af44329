package chat.server.verbs.group;

import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import chat.server.conversations.Conversations;
import chat.server.verbs.caller.Caller;

/** Removes users from a group, in whatever case their names are given. */
public final class RemoveNamedMembers implements Verb {
  private final Conversations conversations;

  public RemoveNamedMembers(Conversations conversations) {
    this.conversations = conversations;
  }

  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.alone(
        call.blocking(
            () -> {
              conversations.removeMembers(
                  Caller.of(call).account(), call.conversation(), call.texts("members"));
              return JsonObjects.object();
            }));
  }
}
