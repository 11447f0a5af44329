package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.protocol.JsonObjects;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.node.ObjectNode;

/** Two servers that share nothing but a PostgreSQL. */
@Timeout(120)
final class NodesWithoutRedisTest {
  private static String database;

  @BeforeAll
  static void createDatabase() throws Exception {
    database = TestServer.freshDatabase();
  }

  private static ChatServer node(String... more) throws Exception {
    List<String> flags =
        new ArrayList<>(List.of("--database-url=" + database, "--router=postgres"));
    flags.addAll(List.of(more));
    return TestServer.start(flags.toArray(String[]::new));
  }

  private static void execute(String sql) throws Exception {
    try (Connection connection = DriverManager.getConnection(database);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static void terminateAllConnections() throws Exception {
    execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            + " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()");
  }

  @Test
  void whoIsNoContactAnyMoreIsNotSeenOnAnyNodeAndMayBecomeOneAgain() throws Exception {
    try (ChatServer north = node();
        ChatServer south = node()) {
      ChatClient hal = ChatClient.registered(north, "hal");
      ChatClient ida = ChatClient.registered(south, "ida");
      ObjectNode ida1 = JsonObjects.object().put("friend_username", "ida");
      hal.call("POST", "/v1/contact/add", ida1);
      ChatClient idas = new ChatClient(south);
      idas.logIn("ida@example.org", "correct horse");
      idas.connect(); // sees hal come and go, or does not
      ObjectNode talk = hal.connect();
      assertThat(idas.next("presence").get("online").asBoolean()).isTrue();
      assertThat(talk.get("user").get("username").asString()).isEqualTo("hal");
      assertThat(hal.call("DELETE", "/v1/contact/ida", "").status()).isEqualTo(200);
      assertThat(hal.call("DELETE", "/v1/contact/ida", "").status()).isEqualTo(200);
      ObjectNode ask = JsonObjects.object().put("type", "presence");
      ask.putArray("usernames").add("hal");
      assertThat(ida.call("GET", "/v1/contact", "").body().get("contacts")).isEmpty();
      assertThat(idas.ask(ask.deepCopy()).get("users")).isEmpty();
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () ->
                  assertThat(ida.exchange("GET", "/metrics", "").body())
                      .contains("chat_presence_watched 0.0"));

      hal.call("POST", "/v1/contact/add", ida1); // within the time that is looked back
      ObjectNode seen = idas.next("presence");
      assertThat(seen.get("username").asString()).isEqualTo("hal");
      assertThat(seen.get("online").asBoolean()).isTrue();
    }
  }

  @Test
  void onTablesOfANewerVersionANodeStartsIfItIsTold() throws Exception {
    node().close(); // makes the tables
    execute(
        "INSERT INTO chat_schema_history (installed_rank, version, description, type, script,"
            + " installed_by, execution_time, success)"
            + " VALUES (1000, '1000', 'later', 'SQL', 'V1000__later.sql', 'test', 1, true)");
    try {
      assertThatThrownBy(() -> node())
          .isInstanceOf(IOException.class)
          .hasMessageContainingAll("version 1000", "--accept-newer-schema true");
      node("--accept-newer-schema=true").close();
    } finally {
      execute("DELETE FROM chat_schema_history WHERE installed_rank = 1000");
    }
  }

  @Test
  void usersOnDifferentNodesTalkTypeAndSeeEachOther() throws Exception {
    try (ChatServer north = node();
        ChatServer south = node()) {
      ChatClient ada = ChatClient.registered(north, "ada");
      ChatClient bob = ChatClient.registered(south, "bob");
      ada.call("POST", "/v1/contact/add", JsonObjects.object().put("friend_username", "bob"));
      bob.connect();
      ada.connect();
      bob.ask(JsonObjects.object().put("type", "sync"));
      ObjectNode ack = ada.send("bob", "1", "from the north");
      assertThat(bob.next("message").get("text").asString()).isEqualTo("from the north");
      // Typing has no way but the router: it is in no table that nodes compare themselves with.
      bob.ask(
          JsonObjects.object()
              .put("type", "typing")
              .put("conversation_id", ack.get("conversation_id").asString())
              .put("on", true));
      assertThat(ada.next("typing").get("username").asString()).isEqualTo("bob");
      bob.disconnect(); // which is reported ten seconds later
      ObjectNode heard = ada.next("presence");
      while (heard.get("online").asBoolean()) {
        heard = ada.next("presence");
      }
      assertThat(heard.get("username").asString()).isEqualTo("bob");
    }
  }

  @Test
  void nodesThatLoseAllTheirConnectionsFindEachOtherAgain() throws Exception {
    try (ChatServer north = node();
        ChatServer south = node()) {
      ChatClient cleo = ChatClient.registered(north, "cleo");
      ChatClient dan = ChatClient.registered(south, "dan");
      cleo.call("POST", "/v1/contact/add", JsonObjects.object().put("friend_username", "dan"));
      cleo.connect();
      dan.connect();
      dan.ask(JsonObjects.object().put("type", "sync"));
      String talk = cleo.send("dan", "1", "before").get("conversation_id").asString();
      assertThat(dan.next("message").get("text").asString()).isEqualTo("before");
      terminateAllConnections();
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () ->
                  assertThat(cleo.send("dan", "2", "after").get("type").asString())
                      .isEqualTo("ok"));
      assertThat(dan.next("message").get("text").asString()).isEqualTo("after");
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () -> {
                for (ChatClient client : new ChatClient[] {cleo, dan}) {
                  assertThat(client.call("GET", "/readyz", "").body().get("status").asString())
                      .isEqualTo("ready");
                }
              });
      dan.ask(
          JsonObjects.object().put("type", "typing").put("conversation_id", talk).put("on", true));
      assertThat(cleo.next("typing").get("username").asString()).isEqualTo("dan");
    }
  }
}
