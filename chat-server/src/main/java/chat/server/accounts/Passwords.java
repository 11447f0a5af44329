package chat.server.accounts;

import chat.server.json.ApiException;
import com.password4j.Argon2Function;
import com.password4j.Password;
import com.password4j.types.Argon2;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Argon2id (RFC 9106) with the parameters that OWASP's Password Storage Cheat Sheet names: 19 MiB,
 * two passes, one lane. At most as many hashes at once as given, and a bounded number that waits,
 * so that a flood of logins costs neither the memory nor the threads that others need; one more is
 * {@code busy} at once. Thread-safe; blocks.
 */
public final class Passwords {
  private static final Argon2Function ARGON2ID =
      Argon2Function.getInstance(19_456, 2, 1, 32, Argon2.ID);
  private static final long WAIT_SECONDS = 5;
  private static final int MAX_WAITING = 64;

  private final Semaphore permits;
  private final String nobodysHash;

  public Passwords(int atOnce) {
    permits = new Semaphore(atOnce);
    nobodysHash = hash("the password of nobody");
  }

  String hash(String password) {
    return bounded(() -> Password.hash(password).addRandomSalt(16).with(ARGON2ID).getResult());
  }

  boolean matches(String password, String hash) {
    return bounded(() -> Password.check(password, hash).with(ARGON2ID));
  }

  /** Takes as long as {@link #matches}: an answer's time must not tell whether an e-mail exists. */
  void pretendToMatch(String password) {
    matches(password, nobodysHash);
  }

  private <T> T bounded(Supplier<T> work) {
    if (permits.getQueueLength() >= MAX_WAITING) {
      throw ApiException.busy();
    }
    try {
      if (!permits.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
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
