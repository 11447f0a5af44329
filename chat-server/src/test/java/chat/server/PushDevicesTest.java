package chat.server;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.protocol.JsonObjects;
import chat.server.ChatClient.Reply;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** The registration of devices that are to be told of messages. */
@Timeout(60)
final class PushDevicesTest {
  @TempDir private static Path directory;
  private static String database;
  private static ChatServer server;
  private static PushService browser;

  @BeforeAll
  static void start() throws Exception {
    database = TestServer.freshDatabase();
    browser = new PushService();
    Path file =
        Files.writeString(
            directory.resolve("integrations.json"),
            "{\"push\":{\"url\":\"http://127.0.0.1:9/\",\"secret\":\"0123456789abcdef\"}}");
    server = TestServer.start("--database-url=" + database, "--integrations=" + file);
  }

  @AfterAll
  static void stop() {
    server.close();
    browser.close();
  }

  private static ObjectNode device(String name, String kind) {
    return JsonObjects.object().put("device", name).put("kind", kind);
  }

  private static ObjectNode hook(String name, String token) {
    return device(name, "webhook").put("token", token);
  }

  private static Reply register(ChatClient client, ObjectNode device) throws Exception {
    return client.call("POST", "/v1/devices", device);
  }

  /** The tokens of all devices of a user, those that registered first in front. */
  private static List<String> tokens(String username) throws Exception {
    try (Connection connection = DriverManager.getConnection(database);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select token from server_push_device join server_account using (account_id)"
                    + " where username = '"
                    + username
                    + "' order by push_id")) {
      List<String> tokens = new ArrayList<>();
      while (row.next()) {
        tokens.add(row.getString(1));
      }
      return tokens;
    }
  }

  @Test
  void aDeviceRegistersAgainAndIsRemoved() throws Exception {
    ChatClient ada = ChatClient.registered(server, "ada");
    Reply reply = register(ada, hook("phone", "one").put("hide_content", true));
    assertThat(reply.status()).isEqualTo(201);
    assertThat(reply.body()).isEqualTo(device("phone", "webhook").put("hide_content", true));
    register(ada, hook("phone", "two"));
    register(ada, hook("tablet", "three"));
    assertThat(tokens("ada")).containsExactly("two", "three");
    assertThat(ada.exchange("GET", "/v1/account/export", "").body())
        .contains("{\"type\":\"device\",\"device\":{\"device\":\"phone\",\"kind\":\"webhook\"")
        .contains("\"device\":\"tablet\"")
        .doesNotContain("three");
    assertThat(ada.exchange("GET", "/metrics", "").body())
        .contains("chat_durable_feed_active{feed=\"push\"}")
        .contains("chat_durable_feed_waiting{feed=\"push\"}")
        .contains("chat_durable_feed_failing{feed=\"push\"} 0.0")
        .contains("chat_durable_feed_behind_seconds{feed=\"push\"}");
    for (int i = 0; i < 2; i++) {
      assertThat(ada.call("DELETE", "/v1/devices/phone", "").status()).isEqualTo(200);
    }
    assertThat(tokens("ada")).containsExactly("three");
  }

  @Test
  void aTokenBelongsToWhoHadItLast() throws Exception {
    ChatClient bob = ChatClient.registered(server, "bob");
    ChatClient cleo = ChatClient.registered(server, "cleo");
    register(bob, hook("phone", "shared"));
    register(cleo, hook("phone", "shared"));
    assertThat(tokens("bob")).isEmpty();
    register(cleo, hook("another", "shared"));
    assertThat(tokens("cleo")).containsExactly("shared");
  }

  @Test
  void ofTooManyDevicesTheOldestGo() throws Exception {
    ChatClient dora = ChatClient.registered(server, "dora");
    for (int i = 0; i < 22; i++) {
      register(dora, hook("device" + i, "dora's " + i));
    }
    assertThat(tokens("dora")).hasSize(20).startsWith("dora's 2").endsWith("dora's 21");
  }

  @Test
  void whatIsWrongIsSaid() throws Exception {
    ChatClient emil = ChatClient.registered(server, "emil");
    assertRefused(emil, hook("", "token"), "device");
    assertRefused(emil, hook("x".repeat(65), "token"), "device");
    assertRefused(emil, device("phone", "smoke").put("token", "x"), "webhook, webpush");
    assertRefused(emil, device("phone", "webhook"), "token is missing");
    assertRefused(emil, hook("phone", " "), "token");
    assertRefused(emil, hook("phone", "x".repeat(4_097)), "4096");
    assertRefused(emil, device("phone", "webpush").put("token", "x"), "JSON");
    assertThat(tokens("emil")).isEmpty();
    assertThat(new ChatClient(server).call("POST", "/v1/devices", hook("a", "b")).status())
        .isEqualTo(401);
  }

  @Test
  void pushServicesInsideTheNetworkAreRefused() throws Exception {
    ChatClient fred = ChatClient.registered(server, "fred");
    for (String inside :
        List.of(
            browser.url(),
            "https://127.0.0.1/",
            "https://localhost/",
            "https://[::1]/",
            "https://10.1.2.3/",
            "https://192.168.0.1:8443/x",
            "https://169.254.169.254/latest/meta-data",
            "https://[::ffff:10.0.0.1]/",
            "https://[fd00::1]/",
            "https://0x7f000001/",
            "https://2130706433/",
            "https://user@8.8.8.8/",
            "http://8.8.8.8/",
            "ftp://8.8.8.8/",
            "https://no-such-host.invalid/",
            "not an address")) {
      ObjectNode token = browser.subscription().put("endpoint", inside);
      assertRefused(fred, device("browser", "webpush").set("token", token), "endpoint");
    }
    ObjectNode other = browser.subscription().put("endpoint", "https://8.8.8.8/");
    assertThat(register(fred, device("browser", "webpush").set("token", other)).status())
        .isEqualTo(201);
    for (String field : List.of("p256dh", "auth")) {
      for (String bad : List.of("", "AAAA", "?", "A".repeat(87), "A".repeat(22))) {
        ObjectNode token = other.deepCopy();
        if (!(field.equals("auth") && bad.length() == 22)) {
          ((ObjectNode) token.get("keys")).put(field, bad);
          assertRefused(fred, device("browser", "webpush").set("token", token), field);
        }
      }
    }
  }

  private static void assertRefused(ChatClient client, ObjectNode device, String named)
      throws Exception {
    Reply reply = register(client, device);
    assertThat(reply.status()).as(device.toString()).isEqualTo(400);
    assertThat(reply.body().get("error").get("message").asString()).contains(named);
  }

  @Test
  void whoHasLoggedOutRegistersNothingAndAnErasedAccountHasNone() throws Exception {
    ChatClient gina = ChatClient.registered(server, "gina");
    register(gina, hook("phone", "of gina"));
    gina.call("DELETE", "/v1/auth/logout", "{\"refresh_token\":\"" + gina.refreshToken + "\"}");
    assertThat(register(gina, hook("tablet", "of gina, too")).status()).isEqualTo(401);
    gina.logIn("gina@example.org", "correct horse");
    register(gina, hook("tablet", "of gina, too"));
    gina.call("DELETE", "/v1/account", "{\"password\":\"correct horse\"}");
    assertThat(tokens("gina")).isEmpty();
    assertThat(register(gina, hook("phone", "late")).status()).isEqualTo(401);
  }

  @Test
  void allNodesHaveTheSameKey() throws Exception {
    try (ChatServer other = TestServer.start("--database-url=" + database)) {
      String key = key(server);
      assertThat(key).isEqualTo(key(other)).hasSize(87);
    }
  }

  private static String key(ChatServer of) throws Exception {
    return new ChatClient(of).call("GET", "/v1/push/key", "").body().get("public_key").asString();
  }
}
