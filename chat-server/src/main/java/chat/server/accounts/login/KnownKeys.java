package chat.server.accounts.login;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * The published keys of an issuer that may be slow. A token that names a known key waits for
 * nobody. Of the others, which anybody can make up, two at a time wait for the issuer, and the rest
 * is refused at once: they would take the threads that everybody needs. Thread-safe.
 */
final class KnownKeys implements JWKSource<SecurityContext> {
  static final int MOST_WAITING = 2;

  private static final Duration FRESH = Duration.ofMinutes(5);
  private static final JWKSelector ALL = new JWKSelector(new JWKMatcher.Builder().build());

  private final JWKSource<SecurityContext> published;
  private final Semaphore waiting = new Semaphore(MOST_WAITING);
  private volatile @Nullable Known known;

  private record Known(JWKSet keys, long nanos) {}

  /**
   * @param published fetches when it has to, and blocks meanwhile
   */
  KnownKeys(JWKSource<SecurityContext> published) {
    this.published = published;
  }

  @Override
  public List<JWK> get(JWKSelector wanted, @Nullable SecurityContext context)
      throws KeySourceException {
    Known before = known;
    List<JWK> found = before == null ? List.of() : wanted.select(before.keys());
    if (before != null
        && !found.isEmpty()
        && System.nanoTime() - before.nanos() < FRESH.toNanos()) {
      return found;
    }
    if (!waiting.tryAcquire()) {
      if (!found.isEmpty()) {
        return found; // others are fetching newer ones
      }
      throw new KeySourceException("too many tokens wait for the issuer's keys");
    }
    try {
      List<JWK> keys = published.get(wanted, context);
      known = new Known(new JWKSet(published.get(ALL, context)), System.nanoTime());
      return keys;
    } finally {
      waiting.release();
    }
  }
}
