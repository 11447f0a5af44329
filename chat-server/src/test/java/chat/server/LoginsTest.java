package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.server.accounts.Accounts;
import chat.server.accounts.Passwords;
import chat.server.accounts.login.AccessTokens;
import chat.server.accounts.login.Identity;
import chat.server.accounts.login.Logins;
import chat.server.database.ServerDatabase;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.time.Duration;
import java.time.Instant;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Lifetimes of tokens and tickets. The test moves the clock of access tokens, and instead of the
 * database's clock what is stored.
 */
final class LoginsTest {
  private static ServerDatabase database;
  private static int users;

  private Instant now = Instant.now();
  private AccessTokens accessTokens;
  private Logins logins;
  private Logins.Grant grant;

  @BeforeAll
  static void start() throws Exception {
    database = TestServer.openDatabase();
  }

  @AfterAll
  static void stop() throws Exception {
    database.close();
  }

  @BeforeEach
  void logIn() {
    Accounts accounts = new Accounts(database.jdbi(), new Passwords(1, TestServer.CHEAP), true);
    byte[] key = Logins.sharedKey(database.jdbi());
    accessTokens = new AccessTokens(key, Duration.ofMinutes(15), () -> now);
    logins =
        new Logins(
            database.jdbi(),
            accounts,
            accessTokens,
            key,
            Duration.ofDays(30),
            Duration.ofSeconds(60));
    String name = "user" + ++users;
    accounts.register(name, name + "@example.org", "correct horse");
    grant = logins.logIn(name + "@example.org", "correct horse");
  }

  private void after(Duration time) {
    now = now.plus(time);
    database
        .jdbi()
        .useHandle(
            handle -> {
              String past = " - %d * interval '1 millisecond'".formatted(time.toMillis());
              handle.execute("update server_ticket set expires_at = expires_at" + past);
              handle.execute(
                  "update server_login set expires_at = expires_at%1$s, rotated_at = rotated_at%1$s,"
                          .formatted(past)
                      + " revoked_at = revoked_at"
                      + past);
            });
  }

  private static void unauthorized(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ApiException.class,
            refusal -> assertThat(refusal.error()).isEqualTo(ApiError.UNAUTHORIZED));
  }

  @Test
  void aReplacedRefreshTokenThatIsUsedAgainEndsTheWholeLogin() {
    Logins.Grant renewed = logins.refresh(grant.refreshToken());
    after(Duration.ofSeconds(31));
    unauthorized(() -> logins.refresh(grant.refreshToken()));
    unauthorized(() -> logins.refresh(renewed.refreshToken()));
    assertThat(logins.hasEnded(grant.identity().login())).isTrue();
  }

  @Test
  void aTokenThatWasReplacedTwiceEndsTheLoginToo() {
    Logins.Grant renewed = logins.refresh(grant.refreshToken());
    Logins.Grant again = logins.refresh(renewed.refreshToken());
    unauthorized(() -> logins.refresh(grant.refreshToken()));
    unauthorized(() -> logins.refresh(again.refreshToken()));
  }

  @Test
  void aRefreshTokenThatNobodyIssuedEndsNoLogin() {
    char first = grant.refreshToken().charAt(40);
    String forged =
        grant.refreshToken().substring(0, 40)
            + (first == 'A' ? 'B' : 'A')
            + grant.refreshToken().substring(41);
    unauthorized(() -> logins.refresh(forged));
    unauthorized(() -> logins.refresh("no token"));
    assertThat(logins.refresh(grant.refreshToken()).identity()).isEqualTo(grant.identity());
  }

  @Test
  void aLostReplyMayBeAskedForAgainAtOnce() {
    Logins.Grant lost = logins.refresh(grant.refreshToken());
    after(Duration.ofSeconds(29));
    Logins.Grant again = logins.refresh(grant.refreshToken());
    assertThat(again.refreshToken()).isEqualTo(lost.refreshToken());
    assertThat(again.refreshExpiresAt()).isEqualTo(lost.refreshExpiresAt().minusSeconds(29));
    after(Duration.ofSeconds(60));
    assertThat(logins.refresh(again.refreshToken()).identity()).isEqualTo(grant.identity());
  }

  @Test
  void tokensAndTicketsExpire() {
    Identity identity = accessTokens.verify(grant.access().value());
    assertThat(identity).isEqualTo(grant.identity());
    String username = identity.account().username();
    String inTime = logins.ticket(identity).otp();
    after(Duration.ofSeconds(59));
    assertThat(logins.redeem(inTime, username)).isEqualTo(identity);
    String late = logins.ticket(identity).otp();
    after(Duration.ofSeconds(61));
    unauthorized(() -> logins.redeem(late, username));
    assertThat(logins.sweepTickets()).isPositive();
    now = grant.access().expiresAt().plusSeconds(4);
    assertThat(accessTokens.verify(grant.access().value())).as("5 s of leeway").isEqualTo(identity);
    now = grant.access().expiresAt().plusSeconds(6);
    unauthorized(() -> accessTokens.verify(grant.access().value()));
    after(Duration.ofDays(31));
    unauthorized(() -> logins.refresh(grant.refreshToken()));
  }

  @Test
  void loginsThatAreOverAreForgottenAfterADayAndLiveOnesStay() {
    String mail = "user" + users + "@example.org";
    Logins.Grant ended = logins.logIn(mail, "correct horse");
    logins.logOut(ended.refreshToken());
    assertThat(logins.endedWithin(Duration.ofMinutes(1))).contains(ended.identity().login());
    assertThat(logins.hasEnded(ended.identity().login())).isTrue();
    logins.sweepLogins();
    assertThat(logins.hasEnded(ended.identity().login())).isTrue();

    after(Duration.ofHours(25));
    assertThat(logins.sweepLogins()).isPositive();
    assertThat(logins.hasEnded(ended.identity().login())).as("what is not known").isTrue();
    unauthorized(() -> logins.refresh(ended.refreshToken()));
    grant = logins.refresh(grant.refreshToken());

    after(Duration.ofDays(32));
    assertThat(logins.sweepLogins()).isPositive();
    unauthorized(() -> logins.refresh(grant.refreshToken()));
  }

  @Test
  void aTokenOfAnotherKeyOrWithoutASignatureIsRefused() {
    AccessTokens others = new AccessTokens(new byte[32], Duration.ofMinutes(15), () -> now);
    unauthorized(() -> others.verify(grant.access().value()));
    String[] parts = grant.access().value().split("\\.");
    String unsigned = "eyJhbGciOiJub25lIn0." + parts[1] + ".";
    unauthorized(() -> accessTokens.verify(unsigned));
    unauthorized(() -> accessTokens.verify(""));
  }
}
