package chat.server.rest;

import chat.server.accounts.Account;
import chat.server.accounts.login.BearerTokens;
import chat.server.accounts.login.Identity;
import chat.server.accounts.login.Logins;
import chat.server.http.Request;

/** Who makes a call. Thread-safe; blocks. */
public final class Callers {
  private final Logins logins;
  private final BearerTokens bearerTokens;

  public Callers(Logins logins, BearerTokens bearerTokens) {
    this.logins = logins;
    this.bearerTokens = bearerTokens;
  }

  /**
   * The account that the access token of a request speaks for.
   *
   * @throws chat.server.json.ApiException {@code unauthorized} without a valid token, or if the
   *     login has ended; {@code forbidden} if the account is suspended
   */
  public Account of(Request request) {
    return identity(request).account();
  }

  /** The same with the login. */
  public Identity identity(Request request) {
    return logins.requireLive(bearerTokens.verify(request.bearer()));
  }
}
