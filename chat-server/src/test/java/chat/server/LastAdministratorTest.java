package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.protocol.JsonObjects;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.node.ObjectNode;

/** Two administrators on two nodes, both of whom go at the same moment: one stays. */
@Tag("thorough")
@Timeout(120)
final class LastAdministratorTest {
  private static final String LAST = "this is the last administrator: make another one first";

  private final ExecutorService both = Executors.newFixedThreadPool(2);
  private String database;
  private ChatServer north;
  private ChatServer south;
  private ChatClient ada;
  private ChatClient bob;

  @BeforeEach
  void start() throws Exception {
    database = TestServer.freshDatabase();
    north = TestServer.start("--database-url=" + database, "--router=postgres");
    south = TestServer.start("--database-url=" + database, "--router=postgres");
    ada = ChatClient.registered(north, "ada");
    bob = ChatClient.registered(south, "bob");
    admin("make-administrator", "ada");
    admin("make-administrator", "bob");
  }

  @AfterEach
  void stop() {
    both.shutdownNow();
    north.close();
    south.close();
  }

  private void admin(String... words) {
    String[] all = new String[words.length + 1];
    all[0] = "--database-url=" + database;
    System.arraycopy(words, 0, all, 1, words.length);
    AdminShell.Result result = AdminShell.run(all);
    assertThat(result.code()).as(result.err()).isZero();
  }

  private static ChatClient.Reply suspends(ChatClient who, String whom) throws Exception {
    return who.call(
        "PUT",
        "/v1/admin/users/" + whom + "/suspension",
        JsonObjects.object().put("reason", "spam"));
  }

  private static ChatClient.Reply dismisses(ChatClient who, String whom) throws Exception {
    return who.call("DELETE", "/v1/admin/users/" + whom + "/administrator", "");
  }

  private static ChatClient.Reply erases(ChatClient who, String whom) throws Exception {
    return who.call("DELETE", "/v1/admin/users/" + whom, "");
  }

  private static ChatClient.Reply leaves(ChatClient who) throws Exception {
    ObjectNode password = JsonObjects.object().put("password", "correct horse");
    return who.call("DELETE", "/v1/account", password);
  }

  @Test
  void administratorsWhoSuspendEachOther() throws Exception {
    oneOf(() -> suspends(ada, "bob"), () -> suspends(bob, "ada"));
  }

  @Test
  void administratorsWhoDismissEachOther() throws Exception {
    oneOf(() -> dismisses(ada, "bob"), () -> dismisses(bob, "ada"));
  }

  @Test
  void administratorsWhoEraseEachOther() throws Exception {
    oneOf(() -> erases(ada, "bob"), () -> erases(bob, "ada"));
  }

  @Test
  void administratorsWhoBothLeave() throws Exception {
    oneOf(() -> leaves(ada), () -> leaves(bob));
  }

  @Test
  void anAdministratorWhoLeavesAndSuspendsTheOther() throws Exception {
    oneOf(() -> leaves(ada), () -> suspends(ada, "bob"));
  }

  @Test
  void theLastAdministratorDoesNotLeaveAndOthersDo() throws Exception {
    ChatClient cleo = ChatClient.registered(north, "cleo");
    assertThat(leaves(bob).status()).isEqualTo(202);
    ChatClient.Reply refused = leaves(ada);
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.body().toString()).contains(LAST);
    assertThat(ada.call("GET", "/v1/admin/users", "").status()).isEqualTo(200);
    assertThat(leaves(cleo).status()).as("who is none").isEqualTo(202);
  }

  /** Holds up both at the first administrator's row, so that they go on at the same moment. */
  private void oneOf(Callable<ChatClient.Reply> first, Callable<ChatClient.Reply> second)
      throws Exception {
    Future<ChatClient.Reply> one;
    Future<ChatClient.Reply> other;
    try (Connection gate = DriverManager.getConnection(database, "postgres", "");
        Connection view = DriverManager.getConnection(database, "postgres", "")) {
      gate.setAutoCommit(false);
      try (Statement statement = gate.createStatement()) {
        statement.execute(
            "select from server_account where username in ('ada', 'bob') order by username for update");
      }
      one = both.submit(first);
      other = both.submit(second);
      await().atMost(Duration.ofSeconds(20)).until(() -> waiting(view) == 2);
      gate.commit();
    }
    int firstStatus = one.get(30, TimeUnit.SECONDS).status();
    int secondStatus = other.get(30, TimeUnit.SECONDS).status();
    assertThat(new boolean[] {firstStatus < 300, secondStatus < 300})
        .as("done, of %d and %d", firstStatus, secondStatus)
        .containsExactlyInAnyOrder(true, false);
    assertThat(Math.max(firstStatus, secondStatus)).isEqualTo(409);
    try (Connection view = DriverManager.getConnection(database, "postgres", "")) {
      assertThat(
              count(
                  view,
                  "select count(*) from server_account"
                      + " where administrator and erased_at is null and suspended_at is null"))
          .isEqualTo(1);
    }
  }

  private static int waiting(Connection view) throws SQLException {
    return count(
        view,
        "select count(*) from pg_stat_activity"
            + " where datname = current_database() and wait_event_type = 'Lock'");
  }

  private static int count(Connection view, String sql) throws SQLException {
    try (Statement statement = view.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getInt(1);
    }
  }
}
