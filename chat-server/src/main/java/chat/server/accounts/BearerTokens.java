package chat.server.accounts;

import chat.server.json.ApiException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Who an access token speaks for, be it one of this server's own or one of the external issuer.
 * Thread-safe; blocks for the external ones.
 */
public final class BearerTokens {
  private static final Pattern HEADER = Pattern.compile("(?i:bearer) +(\\S+) *");

  private final AccessTokens own;
  private final @Nullable ExternalAccounts external;

  /**
   * @param external null if only this server's own tokens are taken
   */
  public BearerTokens(AccessTokens own, @Nullable ExternalAccounts external) {
    this.own = own;
    this.external = external;
  }

  /** The token in an {@code Authorization} header (RFC 6750, 2.1), if one is there. */
  public static Optional<String> inHeader(@Nullable String authorization) {
    return Optional.ofNullable(authorization)
        .map(HEADER::matcher)
        .filter(Matcher::matches)
        .map(header -> header.group(1));
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
