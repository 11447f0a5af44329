package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.protocol.JsonObjects;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A reader of the documentation sends each example as it is written there, as ada, who knows bob
 * and carol. Only ids and secrets are those that the server has given before. Each one succeeds.
 */
@Tag("thorough")
@Timeout(120)
final class DocumentedExamplesTest {
  private static final int MESSAGES = 60; // more than any example asks for
  private static final Optional<String> JSON = Optional.of("application/json");
  private static final String PASSWORD = "correct horse";
  private static final String PIXEL =
      "GIF89a\u0001\0\u0001\0\0\0\0,\0\0\0\0\u0001\0\u0001\0\0\u0002\u0001D\0;";

  private final ApiDescriptions descriptions = new ApiDescriptions();
  private final DocumentedExamples examples = new DocumentedExamples(descriptions);
  private final Set<String> sent = new TreeSet<>();
  @TempDir private Path directory;
  private String database;
  private ChatServer server;
  private ChatClient ada;
  private ChatClient bob;
  private ChatClient carol;

  @BeforeEach
  void start() throws Exception {
    ObjectNode integrations = JsonObjects.object();
    ObjectNode elsewhere =
        JsonObjects.object().put("url", "http://127.0.0.1:9/").put("secret", "0123456789abcdef");
    integrations.set("push", elsewhere);
    integrations.putArray("webhooks").add(elsewhere.deepCopy().put("name", "audit"));
    database = TestServer.freshDatabase();
    server =
        TestServer.start(
            "--edit-history=true",
            "--messages-per-second=1000000",
            "--messages-per-second-per-user=1000000",
            "--database-url=" + database,
            "--integrations="
                + Files.writeString(
                    directory.resolve("integrations.json"), integrations.toString()));
    bob = client().register("bob");
    carol = client().register("carol");
    ada = client();
    answered(ada, "register", Map.of());
    answered(ada, "logIn", Map.of());
    ada.logIn("ada@example.org", PASSWORD);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private ChatClient client() {
    return new ChatClient(server.httpPort(), server.wsPort(), descriptions);
  }

  @Test
  void everyCallSucceedsAsItIsWritten() throws Exception {
    accounts();
    String group = contactsAndGroups();
    messagesAndFiles();
    for (String operation :
        List.of("alive", "ready", "metrics", "webSocketAddress", "openapi", "asyncapi")) {
      answered(client(), operation, Map.of());
    }
    administration(group);
    theEnd();
    assertThat(sent).isEqualTo(examples.operations());
  }

  private void accounts() throws Exception {
    JsonNode tokens = answered(ada, "refresh", Map.of("refresh_token", ada.refreshToken));
    ada.refreshToken = tokens.get("refresh_token").asString();
    for (String operation :
        List.of("ticket", "exportAccount", "pushKey", "registerDevice", "removeDevice")) {
      answered(ada, operation, Map.of());
    }
  }

  private String contactsAndGroups() throws Exception {
    answered(ada, "addContact", Map.of());
    befriend("carol");
    answered(ada, "contacts", Map.of());
    String group = answered(ada, "createGroup", Map.of()).get("conversation_id").asString();
    examples.call(DocumentedExamples.GROUP, group);
    answered(ada, "addMembers", Map.of());
    answered(ada, "removeMembers", Map.of());
    JsonNode webhook = answered(ada, "createIncomingWebhook", Map.of());
    String secret = webhook.get("path").asString().replaceFirst(".*/", "");
    answered(ada, "incomingWebhooks", Map.of());
    answered(client(), "postToIncomingWebhook", Map.of("secret", secret));
    answered(ada, "deleteIncomingWebhook", Map.of("webhook_id", webhook.get("id").asString()));
    return group;
  }

  private void befriend(String username) throws Exception {
    ada.call("POST", "/v1/contact/add", JsonObjects.object().put("friend_username", username));
  }

  private void messagesAndFiles() throws Exception {
    ada.connect();
    bob.connect();
    conversations();
    for (String operation : List.of("allMessages", "friendMessages", "groupMessages")) {
      answered(ada, operation, Map.of());
    }
    String id = answered(ada, "uploadFile", Map.of()).get("file_id").asString();
    Map<String, String> file = Map.of("file_id", id);
    answered(ada, "downloadFile", file);
    await("a thumbnail").until(() -> exchange(ada, "downloadThumbnail", file).statusCode() == 200);
    answered(ada, "downloadThumbnail", file);
    answered(ada, "removeContact", Map.of());
  }

  /** Ada has written to bob, and bob to the group. */
  private void conversations() throws Exception {
    for (int i = 1; i <= MESSAGES; i++) {
      ObjectNode direct = message(i).put("to", "bob");
      examples.call(
          DocumentedExamples.DIRECT, granted(ada, direct).get("conversation_id").asString());
      granted(bob, message(i).put("group", "hikers"));
    }
  }

  private static ObjectNode message(int number) {
    return request("send").put("client_message_id", "" + number).put("text", "Lunch?");
  }

  private static ObjectNode request(String type) {
    return JsonObjects.object().put("type", type);
  }

  private void administration(String group) throws Exception {
    AdminShell.Result promotion =
        AdminShell.run("make-administrator", "ada", "--database-url=" + database);
    assertThat(promotion.code()).as(promotion.err()).isZero();
    for (String operation :
        List.of(
            "adminUsers",
            "adminUser",
            "adminExport",
            "adminConnections",
            "adminAudit",
            "adminGroups",
            "adminConversation",
            "adminMessages",
            "setRetention",
            "retention",
            "adminAnnouncements",
            "adminDeadLetters",
            "adminReplayWebhook")) {
      answered(ada, operation, Map.of());
    }
    String announcement = answered(ada, "announce", Map.of()).get("id").asString();
    answered(ada, "withdrawAnnouncement", Map.of("id", announcement));
    granted(
        ada,
        request("report").put("conversation_id", group).put("seq", 43).put("reason", "Insults me"));
    String report = answered(ada, "adminReports", Map.of()).at("/reports/0/id").asString();
    answered(ada, "decideReport", Map.of("id", report));
    for (String operation :
        List.of(
            "adminDeleteMessage",
            "adminDeleteConversation",
            "makeAdministrator",
            "unmakeAdministrator",
            "suspend",
            "liftSuspension",
            "resetPassword",
            "adminEndLogins",
            "adminDeleteUser")) {
      answered(ada, operation, Map.of());
    }
  }

  private void theEnd() throws Exception {
    answered(ada, "changePassword", Map.of());
    String login = answered(carol, "logins", Map.of()).at("/logins/0/id").asString();
    answered(carol, "endLogin", Map.of("id", login));
    carol.logIn("carol@example.org", PASSWORD);
    answered(carol, "eraseAccount", Map.of());
    answered(ada, "logOut", Map.of("refresh_token", ada.refreshToken));
  }

  private JsonNode answered(ChatClient who, String operation, Map<String, String> ids)
      throws Exception {
    HttpResponse<String> answer = exchange(who, operation, ids);
    assertThat(answer.statusCode()).as(operation + ": " + answer.body()).isBetween(200, 299);
    sent.add(operation);
    boolean isJson = answer.headers().firstValue("Content-Type").equals(JSON);
    return isJson ? JsonObjects.parse(answer.body()) : JsonObjects.object();
  }

  private HttpResponse<String> exchange(ChatClient who, String operation, Map<String, String> ids)
      throws Exception {
    DocumentedExamples.Call call = examples.call(operation, ids);
    return who.exchange(
        call.method(), call.target(), operation.equals("uploadFile") ? PIXEL : call.body());
  }

  @Test
  void everyRequestSucceedsAsItIsWritten() throws Exception {
    sent.clear();
    ada.connect();
    bob.connect();
    asWritten("contact_requests", "add_contact");
    befriend("carol");
    ObjectNode group = asWritten("create_group");
    examples.call(DocumentedExamples.GROUP, group.get("conversation_id").asString());
    conversations();
    asWritten("ping", "contacts", "presence", "set_profile", "profiles", "set_privacy", "privacy");
    asWritten("send", "edit", "react", "reactions", "edits", "pin", "pins", "unpin", "delete");
    asWritten("history", "search", "sync", "read", "received", "typing", "preferences");
    asWritten("add_members", "members", "update_group", "set_role", "report", "silence");
    asWritten("remove_members", "ban", "bans", "unban");
    String code = asWritten("create_invite").get("code").asString();
    asWritten("invites");
    carol.connect();
    granted(carol, examples.requests("join").get(0).put("code", code));
    granted(ada, examples.requests("revoke_invite").get(0).put("code", code));
    asWritten("rename_group", "block", "blocked", "unblock", "remove_contact");
    granted(ada, examples.requests("set_role").get(0).put("role", "owner"));
    asWritten("leave");

    sent.addAll(Set.of("join", "revoke_invite"));
    assertThat(sent).isEqualTo(examples.requests());
  }

  /** The answer to the last one. */
  private ObjectNode asWritten(String... types) throws Exception {
    ObjectNode answer = null;
    for (String type : types) {
      for (ObjectNode example : examples.requests(type)) {
        answer = granted(ada, example);
      }
      sent.add(type);
    }
    return answer;
  }

  private static ObjectNode granted(ChatClient who, ObjectNode request) throws Exception {
    ObjectNode answer = who.ask(request);
    assertThat(answer.get("type").asString()).as(request + ": " + answer).isEqualTo("ok");
    return answer;
  }
}
