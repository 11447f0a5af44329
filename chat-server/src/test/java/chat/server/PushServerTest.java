package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.protocol.JsonObjects;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.node.ObjectNode;

/** Push notifications of whole servers. */
@Timeout(240)
final class PushServerTest {
  private static final Duration LONG = Duration.ofSeconds(40);

  private static ChatServer node(String database) throws Exception {
    return TestServer.start(
        "--database-url=" + database,
        "--router=postgres",
        "--push-private-addresses=true",
        "--push-delay-millis=300");
  }

  private static void register(ChatClient client, PushService browser) throws Exception {
    ObjectNode device = JsonObjects.object().put("device", "browser").put("kind", "webpush");
    device.set("token", browser.subscription());
    assertThat(client.call("POST", "/v1/devices", device).status()).isEqualTo(201);
  }

  private static List<String> texts(PushService browser) {
    return browser.received().stream()
        .map(PushService.Received::texts)
        .map(texts -> texts.get(texts.size() - 1))
        .toList();
  }

  @Tag("thorough")
  @Test
  void twoNodesTellOnceAndOneGoesOnWithoutTheOther() throws Exception {
    String database = TestServer.freshDatabase();
    try (PushService browser = new PushService();
        ChatServer south = node(database)) {
      ChatServer north = node(database);
      ChatClient ada = ChatClient.registered(south, "ada");
      ChatClient bob = ChatClient.registered(north, "bob");
      register(bob, browser);
      String key = bob.call("GET", "/v1/push/key", "").body().get("public_key").asString();
      ada.call("POST", "/v1/contact/add", JsonObjects.object().put("friend_username", "bob"));
      ada.connect();
      ada.send("bob", "1", "one");
      await().atMost(LONG).until(() -> texts(browser).equals(List.of("one")));
      assertThat(browser.received().get(0).key()).isEqualTo(key);
      north.close();
      ada.send("bob", "2", "two");
      await().atMost(LONG).until(() -> texts(browser).equals(List.of("one", "two")));
      ada.send("bob", "3", "three");
      await().atMost(LONG).until(() -> texts(browser).equals(List.of("one", "two", "three")));
      assertThat(browser.received().get(2).json().get("badge").asLong()).isEqualTo(3);
    }
  }

  @Test
  void whoIsConnectedOrHasLoggedOutIsNotTold() throws Exception {
    try (PushService browser = new PushService();
        PushService other = new PushService();
        ChatServer server =
            TestServer.start("--push-private-addresses=true", "--push-delay-millis=300")) {
      ChatClient ada = ChatClient.registered(server, "ada");
      ChatClient bob = ChatClient.registered(server, "bob");
      ChatClient cleo = ChatClient.registered(server, "cleo");
      register(bob, browser);
      register(cleo, other);
      ObjectNode phone =
          JsonObjects.object().put("device", "phone").put("kind", "recorded").put("token", "p");
      assertThat(bob.call("POST", "/v1/devices", phone).status()).isEqualTo(201);
      for (String friend : List.of("bob", "cleo")) {
        ada.call("POST", "/v1/contact/add", JsonObjects.object().put("friend_username", friend));
      }
      ada.connect();
      bob.connect();
      bob.ask(JsonObjects.object().put("type", "sync"));
      ada.send("bob", "1", "while connected");
      String direct = bob.next("message").get("conversation_id").asString();
      ada.send("cleo", "2", "to cleo");
      await().atMost(LONG).until(() -> texts(other).equals(List.of("to cleo")));
      assertThat(browser.received()).isEmpty();

      bob.ask(
          JsonObjects.object().put("type", "read").put("conversation_id", direct).put("seq", 1));
      ada.send("bob", "3", "and gone at once");
      bob.disconnect();
      await().atMost(LONG).until(() -> texts(browser).equals(List.of("and gone at once")));
      assertThat(browser.received().get(0).texts()).as("what was read is not").hasSize(1);

      ChatClient laptop = new ChatClient(server);
      laptop.logIn("bob@example.org", "correct horse");
      laptop.connect();
      laptop.ask(
          JsonObjects.object().put("type", "read").put("conversation_id", direct).put("seq", 2));
      await()
          .atMost(LONG)
          .until(
              () ->
                  RecordingPushSender.READ.stream()
                      .anyMatch(read -> read.conversation().toString().equals(direct)));
      laptop.disconnect();

      cleo.call("DELETE", "/v1/auth/logout", "{\"refresh_token\":\"" + cleo.refreshToken + "\"}");
      ada.send("cleo", "4", "after the log-out");
      ada.send("bob", "5", "for comparison");
      await().atMost(LONG).until(() -> texts(browser).contains("for comparison"));
      assertThat(texts(other)).containsExactly("to cleo");
    }
  }
}
