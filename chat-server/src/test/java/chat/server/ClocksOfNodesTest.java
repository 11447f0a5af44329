package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import chat.engine.protocol.JsonObjects;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import org.assertj.core.data.TemporalUnitOffset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.node.ObjectNode;

/** Two servers on one PostgreSQL, and the clock of one is wrong by two minutes. */
@Timeout(120)
final class ClocksOfNodesTest {
  private static final Duration WRONG = Duration.ofMinutes(2);
  private static final TemporalUnitOffset A_MOMENT = within(10, ChronoUnit.SECONDS);
  private static final InstantSource RIGHT = InstantSource.system();
  private static final InstantSource BEHIND = () -> Instant.now().minus(WRONG);
  private static final InstantSource AHEAD = () -> Instant.now().plus(WRONG);

  private String database;

  @BeforeEach
  void makeDatabase() throws Exception {
    database = TestServer.freshDatabase();
  }

  private ChatServer node(InstantSource clock) throws Exception {
    return TestServer.start(
        clock,
        "--database-url=" + database,
        "--router=postgres",
        "--ticket-seconds=60",
        "--access-token-minutes=1");
  }

  @Test
  void whatANodeHandsOutThatIsBehindIsTakenByOneThatIsRight() throws Exception {
    handsOverTo(BEHIND, RIGHT);
  }

  @Test
  void whatANodeHandsOutIsTakenByOneThatIsBehind() throws Exception {
    handsOverTo(RIGHT, BEHIND);
  }

  @Test
  void whatANodeHandsOutThatIsAheadIsTakenByOneThatIsRight() throws Exception {
    handsOverTo(AHEAD, RIGHT);
  }

  @Test
  void whatANodeHandsOutIsTakenByOneThatIsAhead() throws Exception {
    handsOverTo(RIGHT, AHEAD);
  }

  private void handsOverTo(InstantSource giver, InstantSource taker) throws Exception {
    try (ChatServer taking = node(taker)) {
      ChatClient elsewhere = new ChatClient(taking);
      ObjectNode refresh = JsonObjects.object();
      String ticket;
      try (ChatServer giving = node(giver)) {
        ChatClient ada = ChatClient.registered(giving, "ada");
        elsewhere.username = ada.username;
        elsewhere.accessToken = ada.accessToken;
        refresh.put("refresh_token", ada.refreshToken);
        ticket = ada.ticket();
        assertThat(refreshed(ada, refresh))
            .as("the grace for a lost reply, on the other node")
            .isEqualTo(refreshed(elsewhere, refresh));
        assertThat(timeOf(ada.connect())).isCloseTo(Instant.now(), A_MOMENT);
      }
      sweepOf(taking);
      elsewhere.open("?otp=" + ticket + "&username=ada");
      assertThat(timeOf(elsewhere.next("welcome"))).isCloseTo(Instant.now(), A_MOMENT);
      assertThat(elsewhere.call("GET", "/v1/auth/logins", "").status()).isEqualTo(200);
    }
  }

  private static String refreshed(ChatClient client, ObjectNode refresh) throws Exception {
    ChatClient.Reply reply = client.call("POST", "/v1/auth/token", refresh);
    assertThat(reply.status()).isBetween(200, 201);
    return reply.body().get("refresh_token").asString();
  }

  private static Instant timeOf(ObjectNode welcome) {
    return Instant.parse(welcome.get("server_time").asString());
  }

  /** Waits until the only node has deleted a ticket that has expired. */
  private void sweepOf(ChatServer only) throws SQLException {
    try (Connection connection = DriverManager.getConnection(database, "postgres", "");
        Statement statement = connection.createStatement()) {
      statement.execute(
          "insert into server_ticket (ticket_hash, login_id, expires_at)"
              + " select 'over'::bytea, login_id, now() - interval '1 second' from server_login");
      await("a sweep of " + only)
          .atMost(Duration.ofSeconds(30))
          .until(
              () -> {
                try (ResultSet left =
                    statement.executeQuery(
                        "select count(*) from server_ticket where ticket_hash = 'over'")) {
                  return left.next() && left.getInt(1) == 0;
                }
              });
    }
  }
}
