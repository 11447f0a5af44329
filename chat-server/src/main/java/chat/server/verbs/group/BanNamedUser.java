package chat.server.verbs.group;

import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import chat.server.conversations.Conversations;
import chat.server.verbs.caller.Caller;

/** Keeps a user, who must exist, out of a group, or ends that. */
public final class BanNamedUser implements Verb {
  private final Conversations conversations;
  private final boolean on;

  /**
   * @param on false to end a ban
   */
  public BanNamedUser(Conversations conversations, boolean on) {
    this.conversations = conversations;
    this.on = on;
  }

  @Override
  public Outcome handle(VerbCall call) {
    String username = call.text("username");
    return Outcome.alone(
        call.blocking(
            () -> {
              if (on) {
                conversations.ban(
                    Caller.of(call).account(),
                    call.conversation(),
                    username,
                    call.optionalTime("until").orElse(null));
              } else {
                conversations.unban(Caller.of(call).account(), call.conversation(), username);
              }
              return JsonObjects.object();
            }));
  }
}
