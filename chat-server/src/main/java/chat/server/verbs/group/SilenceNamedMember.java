package chat.server.verbs.group;

import chat.engine.ChatException;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import chat.server.conversations.Conversations;
import chat.server.verbs.caller.Caller;

/** Lets a member of a group read but not write until a time, or ends that. */
public final class SilenceNamedMember implements Verb {
  private final Conversations conversations;

  public SilenceNamedMember(Conversations conversations) {
    this.conversations = conversations;
  }

  @Override
  public Outcome handle(VerbCall call) {
    String username = call.text("username");
    if (!call.request().has("until")) {
      throw ChatException.badRequest("until is missing; null ends a silence");
    }
    return Outcome.alone(
        call.blocking(
            () -> {
              conversations.silence(
                  Caller.of(call).account(),
                  call.conversation(),
                  username,
                  call.optionalTime("until").orElse(null));
              return JsonObjects.object();
            }));
  }
}
