package chat.server.accounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class PasswordsTest {
  private static final Passwords.Cost CHEAP = new Passwords.Cost(64, 1);

  @Test
  void productionHashesAsOwaspRecommends() {
    Passwords passwords = new Passwords(1, Passwords.Cost.OWASP);
    String hash = passwords.hash("correct horse");
    assertThat(hash).startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
    assertThat(passwords.hash("correct horse")).as("salted").isNotEqualTo(hash);
    assertThat(passwords.matches("correct horse", hash)).isTrue();
    assertThat(passwords.matches("Correct horse", hash)).isFalse();
  }

  @Test
  void aHashThatWasMadeAtAnotherCostStillMatchesAndWhatIsNoHashDoesNot() {
    String hash = new Passwords(1, CHEAP).hash("correct horse");
    Passwords passwords = new Passwords(1, Passwords.Cost.OWASP);
    assertThat(passwords.matches("correct horse", hash)).isTrue();
    assertThat(passwords.matches("wrong horse", hash)).isFalse();
    assertThat(passwords.matches("x", "x")).isFalse();
    assertThat(passwords.matches("", "")).isFalse();
  }

  @Test
  void moreThanMayWaitAreRefusedAtOnce() throws Exception {
    Passwords occupied = new Passwords(0, CHEAP, Duration.ofHours(1));
    ExecutorService threads = Executors.newCachedThreadPool();
    try {
      for (int i = 0; i < Passwords.MAX_WAITING; i++) {
        threads.submit(() -> occupied.hash("correct horse"));
      }
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> occupied.waiting() == Passwords.MAX_WAITING);
      threads.submit(() -> assertBusy(occupied)).get(60, TimeUnit.SECONDS);
      assertThat(occupied.waiting()).isEqualTo(Passwords.MAX_WAITING);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void whoHasWaitedTooLongIsRefused() {
    assertBusy(new Passwords(0, CHEAP, Duration.ofMillis(1)));
  }

  private static void assertBusy(Passwords occupied) {
    assertThatThrownBy(() -> occupied.hash("correct horse"))
        .isInstanceOfSatisfying(
            ApiException.class, refusal -> assertThat(refusal.error()).isEqualTo(ApiError.BUSY));
  }
}
