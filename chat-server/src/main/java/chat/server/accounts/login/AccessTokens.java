package chat.server.accounts.login;

import chat.server.accounts.Account;
import chat.server.json.ApiException;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.UUID;

/**
 * JSON Web Tokens (RFC 7519) signed with HS256: short-lived, checked without the database, by a
 * clock that all nodes agree on. What is left of their differences the {@link #LEEWAY} covers.
 * Thread-safe; does not block.
 */
public final class AccessTokens {
  /** The {@code iss} of this server's own tokens. */
  public static final String ISSUER = "chat-server";

  /** For how long after its end a token is still taken. */
  static final Duration LEEWAY = Duration.ofSeconds(5);

  private final MACSigner signer;
  private final MACVerifier verifier;
  private final Duration lifetime;
  private final InstantSource clock;

  /** A token and its end, as its holder is told. */
  public record AccessToken(String value, Instant expiresAt) {}

  /**
   * @param key at least 32 bytes
   * @param clock the same for all nodes but for a second, whatever their own clocks say
   */
  public AccessTokens(byte[] key, Duration lifetime, InstantSource clock) {
    try {
      signer = new MACSigner(key);
      verifier = new MACVerifier(key);
    } catch (JOSEException unfit) {
      throw new IllegalArgumentException("a key for HS256 has 32 bytes or more", unfit);
    }
    this.lifetime = lifetime;
    this.clock = clock;
  }

  AccessToken issue(Identity identity) {
    Instant now = clock.instant();
    Instant expiry = now.plus(lifetime);
    JWTClaimsSet claims =
        new JWTClaimsSet.Builder()
            .issuer(ISSUER)
            .subject(Long.toString(identity.account().id()))
            .claim("username", identity.account().username())
            .claim("email", identity.account().email())
            .claim("sid", identity.login().toString())
            .issueTime(Date.from(now))
            .expirationTime(Date.from(expiry))
            .build();
    SignedJWT token = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims);
    try {
      token.sign(signer);
    } catch (JOSEException fault) {
      throw new IllegalStateException("a token could not be signed", fault);
    }
    return new AccessToken(token.serialize(), expiry);
  }

  /**
   * Whether its login was ended meanwhile is not known here.
   *
   * @throws ApiException {@code unauthorized} for a token that is forged, expired or none at all
   */
  public Identity verify(String value) {
    try {
      SignedJWT token = SignedJWT.parse(value);
      // The algorithm is ours to choose, not the token's.
      if (token.getHeader().getAlgorithm().equals(JWSAlgorithm.HS256) && token.verify(verifier)) {
        JWTClaimsSet claims = token.getJWTClaimsSet();
        Date expiry = claims.getExpirationTime();
        if (ISSUER.equals(claims.getIssuer())
            && expiry != null
            && clock.instant().isBefore(expiry.toInstant().plus(LEEWAY))) {
          return new Identity(
              new Account(
                  Long.parseLong(claims.getSubject()),
                  claims.getStringClaim("username"),
                  claims.getStringClaim("email")),
              UUID.fromString(claims.getStringClaim("sid")));
        }
      }
    } catch (ParseException | JOSEException | RuntimeException forged) {
      throw ApiException.unauthorized("the access token is not valid");
    }
    throw ApiException.unauthorized("the access token is not valid or has expired");
  }
}
