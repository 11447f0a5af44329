package chat.server.verbs;

import chat.engine.ChatException;
import chat.engine.protocol.VerbCall;
import java.util.List;

/** The users that a request asks about. Stateless. */
final class AskedUsernames {
  /** Longer than any username, for those that come in another form of Unicode. */
  private static final int MAX_LENGTH = 64;

  private AskedUsernames() {}

  /**
   * The names in the field {@code usernames}, whether or not there are such users.
   *
   * @throws ChatException with {@code BAD_REQUEST} for what cannot be a name
   */
  static List<String> of(VerbCall call) {
    List<String> names = call.texts("usernames");
    for (String name : names) {
      if (name.isEmpty() || name.length() > MAX_LENGTH) {
        throw ChatException.badRequest(
            "usernames must have 1 to "
                + MAX_LENGTH
                + " characters each, and not "
                + name.length());
      }
    }
    return names;
  }
}
