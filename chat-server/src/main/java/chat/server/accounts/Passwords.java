package chat.server.accounts;

import chat.server.json.ApiException;
import com.password4j.Argon2Function;
import com.password4j.BadParametersException;
import com.password4j.Password;
import com.password4j.types.Argon2;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Argon2id (RFC 9106) with the parameters that OWASP's Password Storage Cheat Sheet names: 19 MiB,
 * two passes, one lane. At most as many hashes at once as given, and a bounded number that waits,
 * so that a flood of logins costs neither the memory nor the threads that others need; one more is
 * {@code busy} at once. Thread-safe; blocks.
 */
public final class Passwords {
  static final int MAX_WAITING = 64;

  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int HASH_BYTES = 32;

  private final Argon2Function argon2id;
  private final Semaphore permits;
  private final Duration patience;
  private volatile @Nullable String nobodysHash;

  /**
   * What a hash costs; one lane.
   *
   * @param kibibytes of memory
   */
  public record Cost(int kibibytes, int passes) {
    /** The one of production. Tests that are not about passwords take less. */
    public static final Cost OWASP = new Cost(19_456, 2);
  }

  public Passwords(int atOnce, Cost cost) {
    this(atOnce, cost, PATIENCE);
  }

  /**
   * @param patience how long a hash may wait for others
   */
  Passwords(int atOnce, Cost cost, Duration patience) {
    this.patience = patience;
    argon2id =
        Argon2Function.getInstance(cost.kibibytes(), cost.passes(), 1, HASH_BYTES, Argon2.ID);
    permits = new Semaphore(atOnce);
  }

  String hash(String password) {
    return bounded(() -> hashNow(password));
  }

  private String hashNow(String password) {
    return Password.hash(password).addRandomSalt(16).with(argon2id).getResult();
  }

  /** With what the hash was made with, which need not be what new ones are made with. */
  boolean matches(String password, String hash) {
    return bounded(() -> matchesNow(password, hash));
  }

  private boolean matchesNow(String password, String hash) {
    nobodysHash();
    try {
      return Password.check(password, hash).with(Argon2Function.getInstanceFromHash(hash));
    } catch (BadParametersException noHash) {
      return false; // somebody wrote another text into the database
    }
  }

  /** Takes as long as {@link #matches}: an answer's time must not tell whether an e-mail exists. */
  void pretendToMatch(String password) {
    bounded(() -> matchesNow(password, nobodysHash()));
  }

  /**
   * Made at the first check of a password, whether or not the account exists, so that the time of
   * that check tells nothing; and not earlier, since most commands of operators check no password.
   */
  private String nobodysHash() {
    String made = nobodysHash;
    if (made == null) {
      made = hashNow("the password of nobody");
      nobodysHash = made;
    }
    return made;
  }

  /** How many hashes wait for others. */
  int waiting() {
    return permits.getQueueLength();
  }

  private <T> T bounded(Supplier<T> work) {
    if (waiting() >= MAX_WAITING) {
      throw ApiException.busy();
    }
    try {
      if (!permits.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
        throw ApiException.busy();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw ApiException.busy();
    }
    try {
      return work.get();
    } finally {
      permits.release();
    }
  }
}
