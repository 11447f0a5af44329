package chat.engine.protocol;

import chat.engine.Experimental;
import chat.engine.Profile;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Profiles as JSON of the protocol. Stateless. */
@Experimental
public final class ProfileJson {
  private ProfileJson() {}

  /** Without what is not set. */
  public static ObjectNode write(ObjectNode into, Profile profile) {
    into.put("username", profile.user().value());
    if (profile.displayName() != null) {
      into.put("display_name", profile.displayName());
    }
    if (profile.avatarUrl() != null) {
      into.put("avatar_url", profile.avatarUrl());
    }
    return into;
  }

  /** The answer of {@code profiles}. */
  public static ObjectNode list(List<Profile> profiles) {
    ObjectNode answer = JsonObjects.object();
    ArrayNode array = answer.putArray("profiles");
    profiles.forEach(profile -> write(array.addObject(), profile));
    return answer;
  }
}
