package chat.engine.protocol.verb.user;

import chat.engine.ChatException;
import chat.engine.ProfileUpdate;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.ProfileJson;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import tools.jackson.databind.node.ObjectNode;

/** Changes how the caller is shown to others. A field that is null clears what it is about. */
public final class SetProfile implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    ProfileUpdate update = update(call.request());
    if (update.equals(ProfileUpdate.NOTHING)) {
      throw ChatException.badRequest("give at least one of display_name or avatar_url");
    }
    return Outcome.alone(
        call.session()
            .updateProfile(update)
            .thenApply(now -> ProfileJson.write(JsonObjects.object(), now)));
  }

  private static ProfileUpdate update(ObjectNode request) {
    ProfileUpdate update = ProfileUpdate.NOTHING;
    if (request.has("display_name")) {
      update =
          update.withDisplayName(JsonObjects.optionalText(request, "display_name").orElse(null));
    }
    if (request.has("avatar_url")) {
      update = update.withAvatarUrl(JsonObjects.optionalText(request, "avatar_url").orElse(null));
    }
    return update;
  }
}
