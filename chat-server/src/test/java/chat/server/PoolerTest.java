package chat.server;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.protocol.JsonObjects;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** What the parameters of a database's address may change about each statement. */
@Timeout(120)
@Tag("thorough")
final class PoolerTest {
  /** Asks something of each part of the server that has statements of its own. */
  private static void chat(ChatServer server) throws Exception {
    ChatClient ada = ChatClient.registered(server, "ada");
    ChatClient bob = ChatClient.registered(server, "bob");
    assertThat(ada.call("POST", "/v1/contact/add", friend("bob")).status()).isEqualTo(201);
    ObjectNode group = JsonObjects.object().put("name", "hikers");
    group.putArray("members").add("bob");
    assertThat(ada.call("POST", "/v1/groups", group).status()).isEqualTo(201);
    ObjectNode device =
        JsonObjects.object().put("device", "phone").put("kind", "webhook").put("token", "t");
    assertThat(bob.call("POST", "/v1/devices", device).status()).isLessThan(500);
    bob.connect();
    ada.connect();
    assertThat(ada.send("bob", "m1", "hello").get("seq").asLong()).isEqualTo(1);
    for (String path :
        List.of(
            "/v1/contact",
            "/v1/messages",
            "/v1/messages/friend?friendUsername=bob",
            "/v1/messages/group?groupName=hikers",
            "/v1/auth/logins")) {
      assertThat(ada.call("GET", path, "").status()).as(path).isEqualTo(200);
    }
  }

  private static ObjectNode friend(String name) {
    return JsonObjects.object().put("friend_username", name);
  }

  /** Values are then part of the text, so none has a type but what the statement says. */
  @Test
  void theSimpleQueryModeWorks() throws Exception {
    String url = TestServer.freshDatabase() + "&preferQueryMode=simple";
    try (ChatServer server = TestServer.start("--database-url=" + url)) {
      chat(server);
    }
  }

  @Test
  void theRouterOverPostgresWorksInTheSimpleQueryMode() throws Exception {
    String url = TestServer.freshDatabase() + "&preferQueryMode=simple";
    try (ChatServer server = TestServer.start("--database-url=" + url, "--router=postgres")) {
      chat(server);
    }
  }

  @Test
  @EnabledIf("chat.server.PgBouncer#isInstalled")
  void pgBouncerInTransactionModeWorksWithoutPreparedStatements(@TempDir Path folder)
      throws Exception {
    try (PgBouncer pooler = PgBouncer.before(TestServer.freshDatabase(), folder)) {
      String url = pooler.jdbcUrl() + "?prepareThreshold=0";
      try (ChatServer server = TestServer.start("--database-url=" + url)) {
        chat(server);
      }
    }
  }
}
