package chat.server.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.server.FreePort;
import chat.server.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Why a database lets nobody in, in words that name the setting to look at. */
@Timeout(120)
final class FirstConnectionTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private static IOException refused(String url, String user, String password, Duration patience) {
    DatabaseAddress address = new DatabaseAddress(url, user, password);
    IOException[] thrown = new IOException[1];
    assertThatThrownBy(() -> FirstConnection.make(address, patience))
        .isInstanceOfSatisfying(IOException.class, fault -> thrown[0] = fault);
    assertThat(thrown[0]).hasMessageNotContaining("secret");
    return thrown[0];
  }

  private static String plain(String url) {
    return url.replaceAll("\\?.*", "");
  }

  /** Makes PostgreSQL ask a user for the password. */
  private static void lockWithPassword(String url, String user, String password)
      throws SQLException, IOException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute("create role " + user + " login password '" + password + "'");
      Path rules;
      try (ResultSet row = statement.executeQuery("show hba_file")) {
        row.next();
        rules = Path.of(row.getString(1));
      }
      String others = Files.readString(rules);
      Files.writeString(rules, "host all " + user + " all scram-sha-256\n" + others);
      statement.execute("select pg_reload_conf()");
    }
  }

  @Test
  void aWrongPasswordIsToldAtOnceWithTheSettingsOfTheLogin() throws Exception {
    String url = TestServer.freshDatabase();
    lockWithPassword(url, "warden", "right");
    DatabaseAddress right = new DatabaseAddress(plain(url), "warden", "right");
    FirstConnection.make(right, Duration.ZERO);
    await() // until it has read its rules
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertThatThrownBy(
                        () ->
                            FirstConnection.make(
                                new DatabaseAddress(plain(url), "warden", "wrong"), Duration.ZERO))
                    .isInstanceOf(IOException.class));
    assertThat(refused(plain(url), "warden", "secret", HOUR))
        .hasMessageContainingAll(
            "does not let warden in",
            "password authentication failed",
            "check --database-user and CHAT_DATABASE_PASSWORD")
        .hasMessageNotContaining("--database-url");
  }

  @Test
  void aDatabaseThatIsMissingIsToldAtOnce() throws Exception {
    String missing = plain(TestServer.freshDatabase()).replaceAll("/[^/]*$", "/no_such");
    assertThat(refused(missing, "postgres", "secret", HOUR))
        .hasMessageContainingAll("/no_such does not exist", "create it, or check --database-url")
        .hasMessageNotContaining("PASSWORD");
  }

  @Test
  void aServerThatIsMissingIsNoMatterOfPasswords() throws Exception {
    String nowhere = "jdbc:postgresql://127.0.0.1:" + FreePort.find() + "/chat?password=secret";
    assertThat(refused(nowhere, "postgres", "secret", Duration.ZERO))
        .hasMessageContainingAll(
            "cannot be reached", "refused", "check --database-url, and that PostgreSQL runs there")
        .hasMessageNotContaining("PASSWORD");
  }

  @Test
  void aServerThatHasNoRoomIsNoMatterOfSettings() throws Exception {
    String url = TestServer.freshDatabase();
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute("create role alone login connection limit 0");
    }
    assertThat(refused(plain(url), "alone", "secret", Duration.ZERO))
        .hasMessageContainingAll("takes no connection at present", "SQL state 53300")
        .hasMessageNotContaining("--database");
  }
}
