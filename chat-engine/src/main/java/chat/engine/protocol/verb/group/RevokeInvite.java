package chat.engine.protocol.verb.group;

import chat.engine.ChatException;
import chat.engine.InviteCode;
import chat.engine.InviteId;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import java.util.Optional;

/** Ends an invite to a group, by its code, or by its id and the group. */
public final class RevokeInvite implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    Optional<String> code = call.optionalText("code");
    if (code.isPresent() == call.optionalText("invite_id").isPresent()) {
      throw ChatException.badRequest("give code, or conversation_id and invite_id");
    }
    return Outcome.done(
        code.isPresent()
            ? call.session().revokeInvite(InviteCode.of(code.get()))
            : call.session()
                .revokeInvite(call.conversation(), InviteId.of(call.text("invite_id"))));
  }
}
