package chat.server.accounts;

import chat.engine.UserId;
import org.jspecify.annotations.Nullable;

/**
 * One user. The engine knows it by its username, which never changes.
 *
 * @param email null where an external issuer told none
 */
public record Account(long id, String username, @Nullable String email) {
  public UserId userId() {
    return UserId.of(username);
  }
}
