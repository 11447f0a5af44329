package chat.server.verbs;

import chat.engine.protocol.VerbCall;
import chat.server.accounts.Accounts;
import chat.server.json.ApiException;
import java.util.List;

/** The users that a request asks about. Stateless. */
final class AskedUsernames {
  private AskedUsernames() {}

  /**
   * The names in the field {@code usernames}, whether or not there are such users.
   *
   * @throws ApiException {@code bad_request} for what cannot be a name
   */
  static List<String> of(VerbCall call) {
    List<String> names = call.texts("usernames");
    Accounts.requireNames("usernames", names);
    return names;
  }
}
