package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.protocol.JsonObjects;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.embedded.RedisServer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Two servers on one PostgreSQL and one Redis. */
@Timeout(120)
final class TwoNodesTest {
  private static String database;
  private static RedisServer redis;
  private static int redisPort;

  @BeforeAll
  static void startServers() throws Exception {
    database = TestServer.freshDatabase();
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      redisPort = probe.getLocalPort();
    }
    startRedis();
  }

  private static void startRedis() throws IOException {
    redis =
        RedisServer.newRedisServer()
            .port(redisPort)
            .setting("bind 127.0.0.1")
            .setting("save \"\"")
            .build();
    redis.start();
  }

  @AfterAll
  static void stopServers() throws Exception {
    redis.stop();
  }

  private static ChatServer node() throws Exception {
    return TestServer.start(
        "--database-url=" + database, "--redis-url=redis://127.0.0.1:" + redisPort);
  }

  private static ChatClient onNode(ChatServer server, ChatClient user) throws Exception {
    ChatClient client = new ChatClient(server);
    client.logIn(user.username + "@example.org", "correct horse");
    return client;
  }

  @Test
  void usersOnDifferentNodesTalkAndLoseNothingWhenOneNodeIsRestarted() throws Exception {
    try (ChatServer south = node()) {
      ChatServer north = node();
      ChatClient ada = ChatClient.registered(north, "ada");
      ChatClient bob = ChatClient.registered(south, "bob");
      ada.call("POST", "/v1/contact/add", JsonObjects.object().put("friend_username", "bob"));
      bob.connect();
      ada.connect();
      bob.ask(JsonObjects.object().put("type", "sync"));
      ObjectNode ack = ada.send("bob", "1", "from the north");
      assertThat(bob.next("message").get("text").asString()).isEqualTo("from the north");

      north.close();
      assertThat(ada.next("bye").get("retry_after_ms").asLong()).isNotNegative();
      assertThat(ada.closeCode()).isEqualTo(1012);
      bob.send("ada", "2", "while you were away");

      ChatClient returned = onNode(south, ada);
      returned.connect();
      ObjectNode sync = JsonObjects.object().put("type", "sync");
      sync.putObject("cursors")
          .putObject(ack.get("conversation_id").asString())
          .put("seq", 1)
          .put("rev", 0);
      JsonNode missed = returned.ask(sync).get("conversations").get(0).get("missed");
      assertThat(missed.get(0).get("text").asString()).isEqualTo("while you were away");
    }
  }

  @Test
  void aLogOutOnOneNodeClosesTheSocketOnTheOther() throws Exception {
    try (ChatServer north = node();
        ChatServer south = node()) {
      ChatClient onNorth = ChatClient.registered(north, "cleo");
      onNorth.connect();
      new ChatClient(south)
          .call(
              "DELETE",
              "/v1/auth/logout",
              JsonObjects.object().put("refresh_token", onNorth.refreshToken));
      assertThat(onNorth.closeCode()).isEqualTo(4401);
    }
  }

  @Tag("thorough")
  @Test
  void whoBecameAContactOnAnotherNodeIsSeenComingAndGoing() throws Exception {
    try (ChatServer north = node();
        ChatServer south = node()) {
      ChatClient fay = ChatClient.registered(north, "fay");
      ChatClient gus = ChatClient.registered(south, "gus");
      fay.connect();
      gus.connect();
      fay.call("POST", "/v1/contact/add", JsonObjects.object().put("friend_username", "gus"));
      fay.disconnect(); // which is reported ten seconds later
      ObjectNode heard = gus.next("presence");
      while (heard.get("online").asBoolean()) {
        heard = gus.next("presence");
      }
      assertThat(heard.get("username").asString()).isEqualTo("fay");
    }
  }

  @Test
  void withoutRedisSendsAreAcknowledgedAndArriveOnceItIsBack() throws Exception {
    try (ChatServer north = node();
        ChatServer south = node()) {
      ChatClient dora = ChatClient.registered(north, "dora");
      ChatClient emil = ChatClient.registered(south, "emil");
      dora.call("POST", "/v1/contact/add", JsonObjects.object().put("friend_username", "emil"));
      dora.connect();
      emil.connect();
      dora.send("emil", "1", "before");
      assertThat(emil.next("message").get("text").asString()).isEqualTo("before");
      redis.stop();
      for (int i = 0; i < 20; i++) {
        assertThat(dora.send("emil", "during " + i, "during " + i).get("type").asString())
            .isEqualTo("ok");
      }
      await()
          .atMost(Duration.ofSeconds(15))
          .untilAsserted(
              () ->
                  assertThat(dora.call("GET", "/readyz", "").body().get("status").asString())
                      .isEqualTo("degraded"));
      assertThat(dora.call("GET", "/readyz", "").status()).isEqualTo(200);
      startRedis();
      for (int i = 0; i < 20; i++) {
        assertThat(emil.next("message").get("text").asString()).isEqualTo("during " + i);
      }
    }
  }
}
