package chat.server.guard;

import chat.server.accounts.PasswordGuesses;
import chat.server.json.ApiException;
import chat.server.security.SecurityEvent;
import chat.server.security.SecurityEvents;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Limits wrong passwords for each account and from each address. A right one costs nothing. An
 * address from which an account was logged in to lately has a limit of its own there, so that
 * somebody who guesses elsewhere does not lock the owner out. Thread-safe; does not block.
 */
public final class GuessLimits implements PasswordGuesses {
  private static final Duration REMEMBERED = Duration.ofDays(30);
  private static final String UNKNOWN = "unknown";

  private final TokenBuckets byAccount;
  private final TokenBuckets byAddress;
  private final SecurityEvents events;
  private final Cache<String, Boolean> familiar =
      Caffeine.newBuilder()
          .maximumSize(TokenBuckets.MOST_KEYS)
          .expireAfterAccess(REMEMBERED)
          .build();

  public GuessLimits(Rate perAccount, Rate perAddress, SecurityEvents events) {
    this.byAccount = new TokenBuckets(perAccount);
    this.byAddress = new TokenBuckets(perAddress);
    this.events = events;
  }

  @Override
  public boolean isRight(String account, @Nullable String address, BooleanSupplier check) {
    String from = address == null ? UNKNOWN : address;
    String subject = account.toLowerCase(Locale.ROOT);
    String here = subject + ' ' + from;
    String key = familiar.getIfPresent(here) == null ? subject : here;
    // taken before the check, or many guesses at once would all find one
    require(byAddress.take(from), from);
    Optional<Duration> wait = byAccount.take(key);
    if (wait.isPresent()) {
      byAddress.giveBack(from);
      require(wait, from);
    }
    boolean wrong = false;
    try {
      wrong = !check.getAsBoolean();
    } finally {
      if (!wrong) { // also if it could not be checked
        byAccount.giveBack(key);
        byAddress.giveBack(from);
      }
    }
    if (wrong) {
      events.happened(SecurityEvent.LOGIN_FAILED, from);
    } else if (address != null) {
      familiar.put(here, true);
    }
    return !wrong;
  }

  private void require(Optional<Duration> wait, String from) {
    if (wait.isPresent()) {
      events.happened(SecurityEvent.LOGIN_LIMITED, from);
      throw ApiException.rateLimited(wait.get());
    }
  }
}
