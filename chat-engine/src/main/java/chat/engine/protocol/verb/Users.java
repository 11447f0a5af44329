package chat.engine.protocol.verb;

import chat.engine.UserId;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** User ids from the names in a request. Stateless. */
final class Users {
  private Users() {}

  static Set<UserId> of(List<String> names) {
    return names.stream().map(UserId::of).collect(Collectors.toSet());
  }
}
