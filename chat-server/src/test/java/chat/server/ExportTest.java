package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.protocol.JsonObjects;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.node.ObjectNode;

/** What the server tells users of what it has of them. */
@Timeout(120)
final class ExportTest {
  private String database;
  private ChatServer server;
  private ChatClient ada;
  private ChatClient bob;

  @BeforeEach
  void start() throws Exception {
    database = TestServer.freshDatabase();
    server = TestServer.start("--database-url=" + database, "--contacts=request");
    ada = ChatClient.registered(server, "ada");
    bob = ChatClient.registered(server, "bob");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static Map<String, List<ObjectNode>> export(ChatClient client) throws Exception {
    return client
        .exchange("GET", "/v1/account/export", "")
        .body()
        .lines()
        .map(JsonObjects::parse)
        .collect(Collectors.groupingBy(line -> line.get("type").asString()));
  }

  private static void befriend(ChatClient one, String other) throws Exception {
    ObjectNode body = JsonObjects.object().put("friend_username", other);
    assertThat(one.call("POST", "/v1/contact/add", body).status()).isLessThan(300);
  }

  private static ObjectNode webhook(ChatClient owner) throws Exception {
    ObjectNode create =
        JsonObjects.object().put("type", "create_group").put("id", "g").put("name", "team");
    create.putArray("members");
    String group = owner.ask(create).get("conversation_id").asString();
    ObjectNode body = JsonObjects.object().put("conversation_id", group).put("name", "builds");
    return (ObjectNode) owner.call("POST", "/v1/incoming-webhooks", body).body();
  }

  @Test
  void anExportHasTheAccountItsLoginsContactsRequestsAndWebhooks() throws Exception {
    ChatClient carol = ChatClient.registered(server, "carol");
    befriend(ada, "bob");
    befriend(bob, "ada");
    befriend(ada, "carol");
    ada.connect();
    ObjectNode made = webhook(ada);

    Map<String, List<ObjectNode>> lines = export(ada);
    ObjectNode account = lines.get("account").get(0);
    assertThat(account.get("created_at").asString()).endsWith("Z");
    assertThat(account.get("administrator").asBoolean()).isFalse();
    assertThat(lines.get("login"))
        .singleElement()
        .satisfies(
            line -> {
              assertThat(line.at("/login/address").asString()).isEqualTo("127.0.0.1");
              assertThat(line.at("/login/user_agent").asString()).contains("Java");
              assertThat(line.at("/login/created_at").asString()).endsWith("Z");
            });
    assertThat(lines.get("contact").get(0).get("username").asString()).isEqualTo("bob");
    assertThat(lines.get("contact").get(0).get("since").asString()).endsWith("Z");
    assertThat(lines.get("contact_request").get(0).get("username").asString()).isEqualTo("carol");
    assertThat(lines.get("contact_request").get(0).get("direction").asString()).isEqualTo("sent");
    assertThat(export(carol).get("contact_request").get(0).get("direction").asString())
        .isEqualTo("received");
    String secret = made.get("secret").asString();
    made.remove(List.of("secret", "path"));
    assertThat(lines.get("incoming_webhook").get(0).get("incoming_webhook")).isEqualTo(made);
    assertThat(lines.toString()).doesNotContain(secret, ada.refreshToken);
  }

  @Test
  void aWebhookForgetsThatAnErasedUserMadeIt() throws Exception {
    ada.connect();
    webhook(ada);
    ObjectNode password = JsonObjects.object().put("password", "correct horse");
    assertThat(ada.call("DELETE", "/v1/account", password).status()).isEqualTo(202);
    await().until(() -> makers().stream().noneMatch("ada"::equals));
  }

  private List<String> makers() throws Exception {
    try (Connection connection = DriverManager.getConnection(database);
        ResultSet row =
            connection
                .createStatement()
                .executeQuery("select string_agg(created_by, ',') from server_incoming_webhook")) {
      row.next();
      return List.of(row.getString(1).split(","));
    }
  }
}
