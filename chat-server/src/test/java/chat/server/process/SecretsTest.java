package chat.server.process;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.protocol.JsonObjects;
import chat.server.FreePort;
import chat.server.TestServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Whatever fails, no secret is in the log, the metrics, an answer or what operators are told. */
@Timeout(180)
@Tag("thorough")
final class SecretsTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final List<String> TABLES =
      List.of(
          "server_incoming_webhook",
          "server_push_device",
          "server_ticket",
          "server_login",
          "server_account");

  @TempDir Path folder;

  private final Map<String, String> secrets = new LinkedHashMap<>();
  private final StringBuilder said = new StringBuilder();
  private String database;
  private int port;

  private String secret(String name) {
    String value = "secret-" + name + "-" + "0123456789abcdefghijklmnopqrstuv";
    secrets.put(name, value);
    return value;
  }

  private JsonNode ask(String method, String path, String token, ObjectNode body) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .method(
                method, HttpRequest.BodyPublishers.ofString(body == null ? "" : body.toString()));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    HttpResponse<String> answer = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() >= 300 || body == null) {
      said.append(answer.body()).append('\n'); // what grants a secret may tell it
    }
    return answer.body().startsWith("{") ? JsonObjects.parse(answer.body()) : null;
  }

  private static ObjectNode json() {
    return JsonObjects.object();
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(database);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private void keep(JsonNode login, String... names) {
    for (String name : names) {
      secrets.put(name + secrets.size(), login.get(name).asString());
    }
  }

  @Test
  void noFaultTellsASecret() throws Exception {
    database = TestServer.freshDatabase();
    Path integrations = folder.resolve("integrations.json");
    Files.writeString(
        integrations,
        """
        {"push": {"url": "http://127.0.0.1:%d/push", "secret": "%s"}}
        """
            .formatted(FreePort.find(), secret("push")));
    Map<String, String> environment =
        Map.of(
            "CHAT_DATABASE_PASSWORD", secret("database"),
            "CHAT_TOKEN_SECRET", secret("token"),
            "CHAT_ISSUER_SECRET", secret("issuer"),
            "CHAT_REDIS_URL", "redis://:" + secret("redis") + "@127.0.0.1:" + FreePort.find());
    String[] flags = {
      "--database-url=" + database,
      "--issuer=https://id.example.org",
      "--files-dir=" + folder.resolve("files"),
      "--integrations=" + integrations
    };
    try (ChildServer server = ChildServer.start(folder, List.of(), environment, flags)) {
      port = server.httpPort();
      fail();
      said.append(server.said());
    }
    ChildServer check =
        ChildServer.command(
            folder,
            List.of(),
            environment,
            "admin",
            "check",
            flags[0],
            flags[1],
            flags[2],
            flags[3]);
    check.awaitEnd();
    assertThat(check.said()).contains("failed");
    said.append(check.said());
    assertThat(said).contains("failed", "server_push_device", "server_incoming_webhook");
    secrets.forEach((name, value) -> assertThat(said).as(name).doesNotContain(value));
  }

  /** Has all secrets used while each of the tables is missing. */
  private void fail() throws Exception {
    String password = secret("password");
    ObjectNode account =
        json().put("username", "ada").put("email", "ada@example.org").put("password", password);
    ask("POST", "/v1/auth/register", null, account);
    account.remove("username");
    JsonNode login = ask("POST", "/v1/auth/login", null, account);
    keep(login, "access_token", "refresh_token", "otp");
    String token = login.get("access_token").asString();
    ObjectNode members = json().put("name", "hikers");
    members.putArray("members");
    JsonNode group = ask("POST", "/v1/groups", token, members);
    String id = group.findValue("conversation_id").asString();
    ObjectNode webhook = json().put("conversation_id", id).put("name", "Build");
    JsonNode hook = ask("POST", "/v1/incoming-webhooks", token, webhook);
    keep(hook, "secret");
    ObjectNode device =
        json().put("device", "phone").put("kind", "webhook").put("token", secret("device"));
    for (String table : TABLES) {
      execute("alter table " + table + " rename to away");
      ask("POST", hook.get("path").asString(), null, json().put("text", "hello"));
      ask("POST", "/v1/devices", token, device);
      ask("POST", "/v1/auth/otp", token, json());
      ask("POST", "/v1/auth/login", null, account);
      ask(
          "POST",
          "/v1/auth/token",
          null,
          json().put("refresh_token", login.get("refresh_token").asString()));
      execute("alter table away rename to " + table);
    }
    for (String page : List.of("/healthz", "/readyz", "/metrics", "/config.json")) {
      ask("GET", page, null, null);
    }
  }
}
