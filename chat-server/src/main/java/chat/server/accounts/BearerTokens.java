package chat.server.accounts;

import chat.server.json.ApiException;
import org.jspecify.annotations.Nullable;

/**
 * Who an access token speaks for, be it one of this server's own or one of the external issuer.
 * Thread-safe; blocks for the external ones.
 */
public final class BearerTokens {
  private final AccessTokens own;
  private final @Nullable ExternalAccounts external;

  /**
   * @param external null if only this server's own tokens are taken
   */
  public BearerTokens(AccessTokens own, @Nullable ExternalAccounts external) {
    this.own = own;
    this.external = external;
  }

  /**
   * Whether the login was ended meanwhile is not known here.
   *
   * @throws ApiException {@code unauthorized} for a token that is forged, expired or none at all,
   *     and for a user without an account; {@code unavailable} if the issuer's keys cannot be
   *     fetched
   */
  public Identity verify(String token) {
    ExternalAccounts others = external;
    return others != null && others.issued(token) ? others.verify(token) : own.verify(token);
  }
}
