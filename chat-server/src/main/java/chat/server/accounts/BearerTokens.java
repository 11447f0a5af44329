package chat.server.accounts;

import chat.server.json.ApiException;
import com.nimbusds.jwt.JWTParser;
import java.text.ParseException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who an access token speaks for, be it one of this server's own or one of the external issuer.
 * Thread-safe; blocks for the external ones.
 */
public final class BearerTokens {
  private final AccessTokens own;
  private final @Nullable ExternalIssuer external;
  private final @Nullable ExternalAccounts accounts;
  private final boolean provision;

  /** This server's own tokens only. */
  public BearerTokens(AccessTokens own) {
    this.own = own;
    this.external = null;
    this.accounts = null;
    this.provision = false;
  }

  /**
   * Also those of an external issuer.
   *
   * @param provision whether a user who is seen for the first time gets an account
   */
  public BearerTokens(
      AccessTokens own, ExternalIssuer external, ExternalAccounts accounts, boolean provision) {
    this.own = own;
    this.external = external;
    this.accounts = accounts;
    this.provision = provision;
  }

  /**
   * Whether the login was ended meanwhile is not known here.
   *
   * @throws ApiException {@code unauthorized} for a token that is forged, expired or none at all,
   *     and for a user without an account; {@code unavailable} if the issuer's keys cannot be
   *     fetched
   */
  public Identity verify(String token) {
    ExternalIssuer issuer = external;
    ExternalAccounts known = accounts;
    if (issuer == null || known == null || !issuer.is(claimedIssuer(token))) {
      return own.verify(token);
    }
    ExternalIssuer.Person person = issuer.verify(token);
    return known
        .find(person)
        .or(() -> provision ? known.create(person) : Optional.empty())
        .orElseThrow(
            () ->
                ApiException.unauthorized(
                    provision
                        ? "the username is another account's, or cannot be one"
                        : "this user has no account here"));
  }

  private static @Nullable String claimedIssuer(String token) {
    try {
      return JWTParser.parse(token).getJWTClaimsSet().getIssuer();
    } catch (ParseException | RuntimeException noToken) {
      return null;
    }
  }
}
