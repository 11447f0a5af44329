package chat.engine.protocol.verb.user;

import chat.engine.UserId;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** User ids from the names in a request. Stateless. */
public final class Users {
  private Users() {}

  public static Set<UserId> of(List<String> names) {
    return names.stream().map(UserId::of).collect(Collectors.toSet());
  }
}
