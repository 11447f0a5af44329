package chat.server.accounts;

import chat.engine.UserId;

/** One registered user. The engine knows it by its username, which never changes. */
public record Account(long id, String username, String email) {
  public UserId userId() {
    return UserId.of(username);
  }
}
