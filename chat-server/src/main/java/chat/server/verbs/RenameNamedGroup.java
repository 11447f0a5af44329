package chat.server.verbs;

import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import chat.server.conversations.Conversations;

/** Gives a group another name that no other group has. */
final class RenameNamedGroup implements Verb {
  private final Conversations conversations;

  RenameNamedGroup(Conversations conversations) {
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
