package chat.server.verbs;

import chat.engine.ChatUser;
import chat.engine.Profile;
import chat.engine.UserId;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.ProfileJson;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import chat.server.conversations.Conversations;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Tells how users are shown, by their names in whatever case. */
final class NamedProfiles implements Verb {
  private final Conversations conversations;

  NamedProfiles(Conversations conversations) {
    this.conversations = conversations;
  }

  @Override
  public Outcome handle(VerbCall call) {
    List<String> names = AskedUsernames.of(call);
    if (names.size() > ChatUser.MAX_PROFILES) {
      throw ApiException.of(
          ApiError.TOO_LARGE, "at most " + ChatUser.MAX_PROFILES + " usernames, please");
    }
    return Outcome.alone(
        call.blocking(
            () -> {
              Set<UserId> known = conversations.known(names);
              return json(
                  Conversations.await(call.session().profiles(known)),
                  conversations.botsAmong(known));
            }));
  }

  /** A bot is not connected, and yet is always there: so clients are told who is one. */
  private static ObjectNode json(List<Profile> profiles, Set<String> bots) {
    ObjectNode answer = JsonObjects.object();
    ArrayNode array = answer.putArray("profiles");
    for (Profile profile : profiles) {
      ObjectNode one = ProfileJson.write(array.addObject(), profile);
      if (bots.contains(profile.user().value())) {
        one.put("bot", true);
      }
    }
    return answer;
  }
}
