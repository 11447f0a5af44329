package chat.server.rest;

import chat.server.accounts.Account;
import chat.server.accounts.Accounts;
import chat.server.accounts.BearerTokens;
import chat.server.accounts.Identity;
import chat.server.http.Request;

/** Who makes a call. Thread-safe; blocks. */
public final class Callers {
  private final Accounts accounts;
  private final BearerTokens bearerTokens;

  public Callers(Accounts accounts, BearerTokens bearerTokens) {
    this.accounts = accounts;
    this.bearerTokens = bearerTokens;
  }

  /**
   * The account that the access token of a request speaks for.
   *
   * @throws chat.server.json.ApiException {@code unauthorized} without a valid token, or if the
   *     account is erased
   */
  public Account of(Request request) {
    return accounts.requirePresent(identity(request).account());
  }

  /** The same with the login; an erased account is not noticed. */
  Identity identity(Request request) {
    return bearerTokens.verify(request.bearer());
  }
}
