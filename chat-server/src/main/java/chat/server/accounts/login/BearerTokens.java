package chat.server.accounts.login;

import chat.server.json.ApiException;
import java.util.HexFormat;
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
   * Whose calls count together: those of a user with this server's own tokens, else those with the
   * same token of the external issuer. Asks neither the database nor the issuer.
   *
   * @return empty for a token that is forged or expired
   */
  public Optional<String> counted(String token) {
    ExternalAccounts others = external;
    if (others != null && others.issued(token)) {
      return Optional.of("token " + HexFormat.of().formatHex(Secrets.hash(token)));
    }
    try {
      return Optional.of("user " + own.verify(token).account().id());
    } catch (ApiException worthless) {
      return Optional.empty();
    }
  }

  /**
   * Whether the login was ended meanwhile is not known here.
   *
   * @throws ApiException {@code unauthorized} for a token that is forged, expired or none at all;
   *     {@code forbidden} for a user without an account; {@code unavailable} if the issuer's keys
   *     cannot be fetched
   */
  public Identity verify(String token) {
    ExternalAccounts others = external;
    return others != null && others.issued(token) ? others.verify(token) : own.verify(token);
  }
}
