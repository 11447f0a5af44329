package chat.engine.protocol.verb.group;

import chat.engine.ChatException;
import chat.engine.CreatedInvite;
import chat.engine.NewInvite;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import java.time.Duration;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Creates an invite to a group. */
public final class CreateInvite implements Verb {
  private static ObjectNode json(CreatedInvite created) {
    ObjectNode answer = JsonObjects.object().put("code", created.code().value());
    return Invites.put(answer, created.invite());
  }

  private static NewInvite invite(VerbCall call) {
    NewInvite invite = NewInvite.unlimited();
    Optional<Long> seconds = call.optionalInteger("expires_in");
    if (seconds.isPresent()) {
      invite = invite.withExpiresIn(Duration.ofSeconds(seconds.get()));
    }
    Optional<Long> uses = call.optionalInteger("max_uses");
    if (uses.isPresent()) {
      if (uses.get() != uses.get().intValue()) {
        throw ChatException.badRequest(
            "max_uses must be 1 to " + NewInvite.MAX_USES + ", not " + uses.get());
      }
      invite = invite.withMaxUses(uses.get().intValue());
    }
    return invite;
  }

  @Override
  public Outcome handle(VerbCall call) {
    return Outcome.inOrder(
        call.session()
            .createInvite(call.conversation(), invite(call))
            .thenApply(CreateInvite::json));
  }
}
