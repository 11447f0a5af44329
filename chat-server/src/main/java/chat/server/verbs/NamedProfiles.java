package chat.server.verbs;

import chat.engine.ChatUser;
import chat.engine.UserId;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.ProfileJson;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import chat.server.conversations.Conversations;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.util.List;
import java.util.Set;

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
              return ProfileJson.list(Conversations.await(call.session().profiles(known)));
            }));
  }
}
