package chat.server.accounts.login;

import chat.server.json.ApiError;
import chat.server.json.ApiException;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSKeySelector;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.proc.SingleKeyJWSKeySelector;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.JWTParser;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.net.URL;
import java.text.ParseException;
import java.time.InstantSource;
import java.util.Date;
import java.util.Set;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Tokens (RFC 7519) of a sign-on service that the operator trusts, checked with the service's
 * public keys (a JSON Web Key Set, RFC 7517) or with a secret that it shares (HS256). Issuer,
 * expiry and, where configured, audience must be right, give or take a minute between the clocks.
 * Thread-safe; blocks while keys are fetched, which happens at the first token, every few minutes,
 * and when a token names a key that is not known; see {@link KnownKeys} for how many wait then.
 */
public final class ExternalIssuer {
  private static final Set<JWSAlgorithm> PUBLIC_KEY_ALGORITHMS =
      Set.of(
          JWSAlgorithm.RS256,
          JWSAlgorithm.RS384,
          JWSAlgorithm.RS512,
          JWSAlgorithm.PS256,
          JWSAlgorithm.PS384,
          JWSAlgorithm.PS512,
          JWSAlgorithm.ES256,
          JWSAlgorithm.ES384,
          JWSAlgorithm.ES512);
  private static final int FETCH_MILLIS = 2_000;
  private static final int MAX_KEY_SET_BYTES = 256 * 1024;

  private final String issuer;
  private final String usernameClaim;
  private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();

  /** Whom a token speaks for, in its issuer's words. */
  record Person(String issuer, String subject, String username, @Nullable String email) {}

  private ExternalIssuer(
      String issuer,
      @Nullable String audience,
      String usernameClaim,
      JWSKeySelector<SecurityContext> keys,
      InstantSource clock) {
    this.issuer = issuer;
    this.usernameClaim = usernameClaim;
    // an access token may say that it is one (RFC 9068); many say JWT only, or nothing
    processor.setJWSTypeVerifier(
        new DefaultJOSEObjectTypeVerifier<>(
            JOSEObjectType.JWT,
            new JOSEObjectType("at+jwt"),
            new JOSEObjectType("application/at+jwt"),
            null));
    processor.setJWSKeySelector(keys);
    processor.setJWTClaimsSetVerifier(
        new DefaultJWTClaimsVerifier<>(
            audience,
            new JWTClaimsSet.Builder().issuer(issuer).build(),
            Set.of("sub", "exp", usernameClaim)) {
          @Override
          protected Date currentTime() {
            return Date.from(clock.instant());
          }
        });
  }

  /** An issuer that publishes its keys. */
  public static ExternalIssuer withKeySet(
      String issuer,
      @Nullable String audience,
      String usernameClaim,
      URL keySet,
      InstantSource clock) {
    JWKSource<SecurityContext> keys =
        JWKSourceBuilder.<SecurityContext>create(
                keySet, new DefaultResourceRetriever(FETCH_MILLIS, FETCH_MILLIS, MAX_KEY_SET_BYTES))
            .retrying(true)
            .outageTolerantForever()
            .build();
    return new ExternalIssuer(
        issuer,
        audience,
        usernameClaim,
        new JWSVerificationKeySelector<>(PUBLIC_KEY_ALGORITHMS, new KnownKeys(keys)),
        clock);
  }

  /**
   * An issuer with which a secret is shared.
   *
   * @param secret at least 32 bytes
   */
  public static ExternalIssuer withSecret(
      String issuer,
      @Nullable String audience,
      String usernameClaim,
      byte[] secret,
      InstantSource clock) {
    return new ExternalIssuer(
        issuer,
        audience,
        usernameClaim,
        // whatever "kid" a token names: there is one secret only
        new SingleKeyJWSKeySelector<>(JWSAlgorithm.HS256, new SecretKeySpec(secret, "HmacSHA256")),
        clock);
  }

  /** Whether a token says that it is this issuer's; nothing is checked. */
  boolean issued(String token) {
    try {
      return issuer.equals(JWTParser.parse(token).getJWTClaimsSet().getIssuer());
    } catch (ParseException | RuntimeException noToken) {
      return false;
    }
  }

  /**
   * @throws ApiException {@code unauthorized} for a token that is not the issuer's, not for this
   *     audience, expired or without a name; {@code unavailable} if its keys cannot be fetched now
   */
  Person verify(String token) {
    try {
      JWTClaimsSet claims = processor.process(token, null);
      String username = claims.getStringClaim(usernameClaim);
      if (username == null || claims.getSubject() == null) {
        throw ApiException.unauthorized("the access token names nobody");
      }
      return new Person(issuer, claims.getSubject(), username, claims.getStringClaim("email"));
    } catch (KeySourceException away) {
      throw ApiException.of(ApiError.UNAVAILABLE, "the issuer's keys cannot be fetched now");
    } catch (ParseException | BadJOSEException | JOSEException forged) {
      throw ApiException.unauthorized("the access token is not valid or has expired");
    }
  }
}
