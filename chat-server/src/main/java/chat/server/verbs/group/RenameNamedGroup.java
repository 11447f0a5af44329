package chat.server.verbs.group;

import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import chat.server.conversations.Conversations;
import chat.server.verbs.caller.Caller;

/** Gives a group another name that no other group has. */
public final class RenameNamedGroup implements Verb {
  private final Conversations conversations;

  public RenameNamedGroup(Conversations conversations) {
    this.conversations = conversations;
  }

  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.alone(
        call.blocking(
            () -> {
              conversations.rename(
                  Caller.of(call).account(), call.conversation(), call.text("name"));
              return JsonObjects.object();
            }));
  }
}
