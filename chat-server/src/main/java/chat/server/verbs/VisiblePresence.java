package chat.server.verbs;

import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import chat.engine.protocol.WireJson;
import chat.server.conversations.Conversations;
import chat.server.verbs.caller.Caller;
import java.util.List;

/** Tells how things stand with users whom the caller may see. */
final class VisiblePresence implements Verb {
  private final Conversations conversations;

  VisiblePresence(Conversations conversations) {
    this.conversations = conversations;
  }

  @Override
  public Outcome handle(VerbCall call) {
    List<String> names = AskedUsernames.of(call);
    return Outcome.alone(
        call.blocking(
            () ->
                WireJson.presences(
                    Conversations.presences(
                        call.session(),
                        conversations.visibleTo(Caller.of(call).account(), names)))));
  }
}
