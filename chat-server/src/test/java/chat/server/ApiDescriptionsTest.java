package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.protocol.JsonObjects;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Each call, request, reply and event of the descriptions happens here, and fits them. */
@Timeout(120)
final class ApiDescriptionsTest {
  private static final String THUMB = "\uD83D\uDC4D";

  private static final Set<String> CANNOT_FAIL =
      Set.of("pushKey", "alive", "metrics", "webSocketAddress", "openapi", "asyncapi");

  /** The database would have to go away: {@link DatabaseLossTest}. */
  private static final Set<String> FAILS_ELSEWHERE = Set.of("ready");

  /** A client would have to be too slow: {@code ProtocolDescriptionTest} checks its form. */
  private static final Set<String> HAPPENS_ELSEWHERE = Set.of("resync_event");

  private final ApiDescriptions descriptions = new ApiDescriptions();
  @TempDir private Path directory;
  private Provider receiver;
  private String database;
  private ChatServer server;
  private ChatClient ada;
  private ChatClient bob;
  private ChatClient eve;

  @BeforeEach
  void start() throws Exception {
    database = TestServer.freshDatabase();
    receiver = new Provider((exchange, call) -> Provider.json(exchange, 200, ""));
    ObjectNode integrations = JsonObjects.object();
    integrations
        .putArray("webhooks")
        .addObject()
        .put("name", "audit")
        .put("url", receiver.url() + "/audit")
        .put("secret", "0123456789abcdef");
    server =
        TestServer.start(
            "--edit-history=true",
            "--database-url=" + database,
            "--integrations="
                + Files.writeString(
                    directory.resolve("integrations.json"), integrations.toString()));
    ada = client().register("ada");
    bob = client().register("bob");
    eve = client().register("eve");
  }

  @AfterEach
  void stop() {
    server.close();
    receiver.close();
  }

  private ChatClient client() {
    return new ChatClient(server.httpPort(), server.wsPort(), descriptions);
  }

  private static ObjectNode body(String... namesAndValues) {
    ObjectNode body = JsonObjects.object();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      body.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return body;
  }

  private static ObjectNode request(String type, String... namesAndValues) {
    return body(namesAndValues).put("type", type);
  }

  private static ObjectNode with(ObjectNode body, String field, String... values) {
    List.of(values).forEach(body.withArray(field)::add);
    return body;
  }

  private static void expect(int status, ChatClient.Reply reply) {
    assertThat(reply.status()).as(reply.body().toString()).isEqualTo(status);
  }

  private static void expect(String codeOrOk, ObjectNode reply) {
    String type = reply.get("type").asString();
    String said = type.equals("error") ? reply.get("code").asString() : type;
    assertThat(said).as(reply.toString()).isEqualTo(codeOrOk);
  }

  @Test
  void everyRestCall() throws Exception {
    loginsSpeakAsDescribed();
    accountsAreErasedAsDescribed();
    contactsAndGroupsSpeakAsDescribed();
    webhooksSpeakAsDescribed();
    messagesSpeakAsDescribed();
    operatorsSpeakAsDescribed();
    pushSpeaksAsDescribed();
    filesSpeakAsDescribed();
    operationsSpeakAsDescribed();

    Set<String> missing = new TreeSet<>();
    for (JsonNode path : descriptions.openapi().get("paths")) {
      for (JsonNode operation : path) {
        String name = operation.get("operationId").asString();
        List<String> seen =
            descriptions.seen().stream().filter(one -> one.startsWith(name + " ")).toList();
        if (seen.stream().noneMatch(one -> one.startsWith(name + " 2"))) {
          missing.add(name + " that succeeds");
        }
        boolean failed = seen.stream().anyMatch(one -> !one.startsWith(name + " 2"));
        if (!failed && !CANNOT_FAIL.contains(name) && !FAILS_ELSEWHERE.contains(name)) {
          missing.add(name + " that fails");
        }
      }
    }
    assertThat(missing).isEmpty();
    assertThat(descriptions.brokenRestExamples()).isEmpty();
  }

  private void loginsSpeakAsDescribed() throws Exception {
    ObjectNode taken =
        body("username", "ADA", "email", "new@example.org", "password", "correct horse");
    expect(409, ada.call("POST", "/v1/auth/register", taken));
    expect(400, ada.call("POST", "/v1/auth/register", taken.put("password", "short")));
    expect(400, ada.call("POST", "/v1/auth/register", "{"));
    expect(413, ada.call("POST", "/v1/auth/register", "x".repeat(300_000)));
    expect(401, client().logIn("ada@example.org", "wrong horse"));
    expect(400, ada.call("POST", "/v1/auth/login", body("email", "ada@example.org")));
    expect(201, ada.call("POST", "/v1/auth/token", body("refresh_token", ada.refreshToken)));
    expect(401, ada.call("POST", "/v1/auth/token", body("refresh_token", "x")));
    expect(401, client().call("POST", "/v1/auth/otp", ""));
    expect(201, ada.call("POST", "/v1/auth/otp", ""));
    ChatClient other = client();
    other.logIn("ada@example.org", "correct horse");
    ObjectNode token = body("refresh_token", other.refreshToken);
    expect(200, other.call("DELETE", "/v1/auth/logout", token));
    expect(200, other.call("DELETE", "/v1/auth/logout", token));
    expect(401, other.call("POST", "/v1/auth/otp", ""));
    expect(401, other.call("DELETE", "/v1/auth/logout", body("refresh_token", "x")));
  }

  private void accountsAreErasedAsDescribed() throws Exception {
    ChatClient mallory = client();
    ObjectNode account =
        body("username", "mallory", "email", "mallory@example.org", "password", "correct horse");
    expect(201, mallory.call("POST", "/v1/auth/register", account));
    expect(201, mallory.logIn("mallory@example.org", "correct horse"));
    expect(201, mallory.call("POST", "/v1/contact/add", body("friend_username", "bob")));
    HttpResponse<String> export = mallory.exchange("GET", "/v1/account/export", "");
    assertThat(export.statusCode()).isEqualTo(200);
    assertThat(export.body().lines().map(line -> JsonObjects.parse(line).get("type").asString()))
        .containsExactly("account", "contact", "login", "profile");
    assertThat(client().exchange("GET", "/v1/account/export", "").statusCode()).isEqualTo(401);
    expect(403, mallory.call("DELETE", "/v1/account", body("password", "wrong horse")));
    expect(202, mallory.call("DELETE", "/v1/account", body("password", "correct horse")));
    expect(401, mallory.call("DELETE", "/v1/account", body("password", "correct horse")));
    expect(401, mallory.call("GET", "/v1/contact", ""));
    expect(401, mallory.call("POST", "/v1/auth/otp", ""));
    expect(401, client().logIn("mallory@example.org", "correct horse"));
    expect(400, client().call("POST", "/v1/auth/register", account.put("username", "Erased-1")));
    account.put("username", "mallory");
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> expect(201, client().call("POST", "/v1/auth/register", account)));
  }

  private void operatorsSpeakAsDescribed() throws Exception {
    ObjectNode change = body("old_password", "correct horse", "new_password", "correct horse");
    expect(200, bob.call("PUT", "/v1/auth/password", change));
    expect(400, bob.call("PUT", "/v1/auth/password", change.put("new_password", "short")));
    ChatClient.Reply logins = bob.call("GET", "/v1/auth/logins", "");
    expect(200, logins);
    expect(401, client().call("GET", "/v1/auth/logins", ""));
    expect(400, bob.call("DELETE", "/v1/auth/logins/x", ""));
    String login = logins.body().at("/logins/0/id").asString();
    expect(200, bob.call("DELETE", "/v1/auth/logins/" + login, ""));
    bob.logIn("bob@example.org", "correct horse");

    expect(403, ada.call("GET", "/v1/admin/dead-letters", ""));
    ObjectNode since = body("since", "2026-03-01T09:30:00.000Z");
    expect(403, ada.call("POST", "/v1/admin/webhooks/audit/replay", since));
    expect(403, ada.call("GET", "/v1/admin/users", ""));
    AdminShell.Result promotion =
        AdminShell.run("make-administrator", "ada", "--database-url=" + database);
    assertThat(promotion.code()).as(promotion.err()).isZero();
    String users = "/v1/admin/users";
    expect(200, ada.call("GET", "/v1/admin/dead-letters", ""));
    expect(202, ada.call("POST", "/v1/admin/webhooks/audit/replay", since));
    expect(400, ada.call("POST", "/v1/admin/webhooks/No%20Name/replay", since));
    expect(400, ada.call("GET", "/v1/admin/dead-letters?before=-1", ""));
    expect(400, ada.call("GET", "/v1/admin/audit?before=0", ""));
    expect(404, ada.call("POST", "/v1/admin/webhooks/nosuch/replay", since));
    expect(200, ada.call("GET", users + "?prefix=a&limit=1", ""));
    expect(400, ada.call("GET", users + "?limit=0", ""));
    for (String call :
        List.of(
            "GET ",
            "DELETE ",
            "PUT /administrator",
            "DELETE /administrator",
            "PUT /suspension",
            "DELETE /suspension",
            "PUT /password",
            "DELETE /logins")) {
      String[] parts = call.split(" ", -1);
      String path = users + "/nobody" + parts[1];
      expect(404, ada.call(parts[0], path, body("reason", "x")));
    }
    expect(404, ada.call("GET", users + "/nobody/export", ""));
    expect(200, ada.call("GET", users + "/bob", ""));
    expect(200, ada.call("PUT", users + "/bob/administrator", ""));
    expect(200, ada.call("DELETE", users + "/bob/administrator", ""));
    expect(409, ada.call("DELETE", users + "/ada/administrator", ""));
    expect(200, ada.call("PUT", users + "/eve/suspension", body("reason", "x")));
    expect(200, ada.call("DELETE", users + "/eve/suspension", ""));
    expect(200, ada.call("PUT", users + "/eve/password", body("password", "correct horse")));
    expect(200, ada.call("PUT", users + "/eve/password", "{}"));
    expect(200, ada.call("DELETE", users + "/eve/logins", ""));
    assertThat(ada.exchange("GET", users + "/eve/export", "").statusCode()).isEqualTo(200);
    expect(202, ada.call("DELETE", users + "/eve", ""));
    expect(403, bob.call("GET", "/v1/admin/connections", ""));
    expect(200, ada.call("GET", "/v1/admin/connections", ""));
    announcementsSpeakAsDescribed();
    expect(403, bob.call("GET", "/v1/admin/audit", ""));
    expect(200, ada.call("GET", "/v1/admin/audit?limit=2", ""));

    ChatClient.Reply groups = ada.call("GET", "/v1/admin/groups", "");
    expect(200, groups);
    expect(403, bob.call("GET", "/v1/admin/groups", ""));
    String group = null;
    for (JsonNode one : groups.body().get("groups")) {
      group =
          one.get("name").asString().equals("hikers")
              ? one.get("conversation_id").asString()
              : group;
    }
    String hikers = "/v1/admin/conversations/" + group;
    for (String path : List.of("", "/messages", "/retention")) {
      expect(200, ada.call("GET", hikers + path, ""));
      expect(404, ada.call("GET", "/v1/admin/conversations/1" + path, ""));
    }
    expect(200, ada.call("PUT", hikers + "/retention", "{}"));
    expect(400, ada.call("PUT", hikers + "/retention", "{\"days\": 0}"));
    String general = "/v1/admin/retention";
    expect(403, bob.call("GET", general, ""));
    expect(403, bob.call("PUT", general, "{}"));
    expect(400, ada.call("PUT", general, "{\"days\": 30}"));
    expect(400, ada.call("PUT", general, "{\"days\": 36526, \"reason\": \"x\"}"));
    expect(400, ada.call("PUT", general, "{\"days\": -1, \"reason\": \"x\"}"));
    expect(200, ada.call("PUT", general, "{\"days\": 36525, \"reason\": \"x\"}"));
    expect(200, ada.call("PUT", general, "{\"days\": 0, \"reason\": \"x\"}"));
    expect(200, ada.call("GET", general, ""));
    expect(200, ada.call("PUT", general, body("reason", "x")));
    expect(200, ada.call("GET", general, ""));
    ada.connect();
    ada.ask(
        request("send", "group", "hikers", "client_message_id", "reported", "text", "to report"));
    JsonNode messages = ada.call("GET", hikers + "/messages", "").body().get("messages");
    long seq = messages.get(messages.size() - 1).get("seq").asLong();
    ChatClient again = client();
    again.logIn("bob@example.org", "correct horse");
    again.connect();
    ObjectNode report = request("report", "conversation_id", group, "reason", "rude");
    expect("ok", again.ask(report.put("seq", seq)));
    ChatClient.Reply reports = ada.call("GET", "/v1/admin/reports?open=true", "");
    expect(200, reports);
    expect(403, bob.call("GET", "/v1/admin/reports", ""));
    String decide = "/v1/admin/reports/" + reports.body().at("/reports/0/id").asString();
    expect(200, ada.call("PUT", decide, body("decision", "dismissed")));
    expect(400, ada.call("PUT", decide, body("decision", "perhaps")));
    expect(404, ada.call("PUT", "/v1/admin/reports/1", body("decision", "dismissed")));
    expect(200, ada.call("DELETE", hikers + "/messages/" + seq, ""));
    expect(404, ada.call("DELETE", hikers + "/messages/100", ""));
    expect(400, ada.call("DELETE", hikers + "/messages/x", ""));
    expect(200, ada.call("DELETE", hikers, ""));
    expect(404, ada.call("DELETE", hikers, ""));
  }

  private void announcementsSpeakAsDescribed() throws Exception {
    String announcements = "/v1/admin/announcements";
    ObjectNode announcement = body("text", "Tonight", "kind", "warning", "reason", "move");
    expect(403, bob.call("POST", announcements, announcement));
    expect(403, bob.call("GET", announcements, ""));
    expect(400, ada.call("POST", announcements, body("text", "Tonight")));
    expect(413, ada.call("POST", announcements, body("text", "x".repeat(1_001), "reason", "x")));
    String id = null;
    for (int i = 0; i < 3; i++) {
      ChatClient.Reply made = ada.call("POST", announcements, announcement);
      expect(201, made);
      id = made.body().get("id").asString();
    }
    expect(409, ada.call("POST", announcements, announcement));
    expect(200, ada.call("DELETE", announcements + "/" + id + "?reason=x", ""));
    expect(404, ada.call("DELETE", announcements + "/99", ""));
    expect(200, ada.call("GET", announcements + "?limit=2", ""));
  }

  private void contactsAndGroupsSpeakAsDescribed() throws Exception {
    expect(201, ada.call("POST", "/v1/contact/add", body("friend_username", "BOB")));
    expect(400, ada.call("POST", "/v1/contact/add", body("friend_username", "ada")));
    expect(404, ada.call("POST", "/v1/contact/add/", body("friend_username", "nobody")));
    bob.connect();
    expect(200, ada.call("GET", "/v1/contact", ""));
    expect(401, client().call("GET", "/v1/contact/", ""));

    expect(201, ada.call("POST", "/v1/groups", with(body("name", "hikers"), "members", "bob")));
    expect(201, ada.call("POST", "/v1/groups", body("name", "alone")));
    ChatClient.Reply discreet =
        ada.call("POST", "/v1/groups", body("name", "discreet", "history", "joined"));
    expect(201, discreet);
    assertThat(discreet.body().get("history").asString()).isEqualTo("joined");
    expect(400, ada.call("POST", "/v1/groups", body("name", "x", "history", "some")));
    expect(409, ada.call("POST", "/v1/groups", body("name", "hikers")));
    expect(409, eve.call("POST", "/v1/groups", body("name", "hikers")));
    expect(400, ada.call("POST", "/v1/groups", body("name", "")));
    expect(403, ada.call("POST", "/v1/groups", with(body("name", "x"), "members", "eve")));
    expect(404, ada.call("POST", "/v1/groups", with(body("name", "x"), "members", "nobody")));
    expect(201, ada.call("POST", "/v1/contact/add", body("friend_username", "eve")));
    ObjectNode addition = with(body("name", "hikers"), "members", "eve");
    expect(404, eve.call("PUT", "/v1/groups/add", addition));
    expect(403, bob.call("PUT", "/v1/groups/add", addition));
    expect(200, ada.call("PUT", "/v1/groups/add", addition));
    expect(409, ada.call("PUT", "/v1/groups/add", addition));
    expect(400, ada.call("PUT", "/v1/groups/add", body("name", "hikers")));
    ObjectNode removal = body("name", "hikers", "userto_remove", "eve");
    expect(403, bob.call("PUT", "/v1/groups/remove", removal));
    expect(200, ada.call("PUT", "/v1/groups/remove", removal));
    expect(409, ada.call("PUT", "/v1/groups/remove", removal));
    expect(404, eve.call("PUT", "/v1/groups/remove", removal));
    expect(200, ada.call("DELETE", "/v1/contact/EVE", ""));
    expect(200, ada.call("DELETE", "/v1/contact/eve/", ""));
    expect(404, ada.call("DELETE", "/v1/contact/nobody", ""));
    expect(401, client().call("DELETE", "/v1/contact/eve", ""));
    ObjectNode unknown = body("name", "hikers", "userto_remove", "nobody");
    expect(404, ada.call("PUT", "/v1/groups/remove", unknown));
    expect(400, ada.call("PUT", "/v1/groups/remove", body("name", "hikers")));
  }

  private void webhooksSpeakAsDescribed() throws Exception {
    String group =
        ada.call("POST", "/v1/groups", with(body("name", "hooked"), "members", "bob"))
            .body()
            .get("conversation_id")
            .asString();
    ObjectNode wanted = body("conversation_id", group, "name", "Build");
    String path = "/v1/incoming-webhooks";
    expect(403, bob.call("POST", path, wanted));
    expect(404, eve.call("POST", path, wanted));
    expect(400, ada.call("POST", path, body("conversation_id", group)));
    expect(401, client().call("POST", path, wanted));
    ChatClient.Reply made = ada.call("POST", path, wanted);
    expect(201, made);
    expect(200, ada.call("GET", path + "?conversation_id=" + group, ""));
    expect(400, ada.call("GET", path, ""));
    expect(403, bob.call("GET", path + "?conversation_id=" + group, ""));
    String hook = made.body().get("path").asString();
    expect(201, client().call("POST", hook, body("text", "done", "client_message_id", "1")));
    expect(409, client().call("POST", hook, body("text", "other", "client_message_id", "1")));
    expect(400, client().call("POST", hook, body("text", "")));
    expect(413, client().call("POST", hook, body("text", "x".repeat(100_000))));
    expect(404, client().call("POST", "/v1/hooks/unknown", body("text", "done")));
    String own = path + "/" + made.body().get("id").asString();
    expect(403, bob.call("DELETE", own, ""));
    expect(400, ada.call("DELETE", path + "/x", ""));
    expect(200, ada.call("DELETE", own, ""));
    expect(404, ada.call("DELETE", own, ""));
  }

  private void messagesSpeakAsDescribed() throws Exception {
    ada.connect();
    ada.send("bob", "1", "hello");
    bob.send("ada", "1", "hello");
    ada.ask(request("send", "group", "hikers", "client_message_id", "1", "text", "hello"));
    for (String path :
        List.of(
            "/v1/messages",
            "/v1/messages/friend?friendUsername=bob",
            "/v1/messages/group?groupName=hikers")) {
      String page = path + (path.contains("?") ? "&" : "?");
      expect(200, ada.call("GET", path, ""));
      expect(200, ada.call("GET", page + "before=2&limit=1", ""));
      expect(200, ada.call("GET", page + "after=0", ""));
      expect(400, ada.call("GET", page + "limit=101", ""));
      expect(400, ada.call("GET", page + "before=1&after=1", ""));
      expect(400, ada.call("GET", page + "after=99", ""));
      expect(401, client().call("GET", path, ""));
    }
    JsonNode mine = ada.call("GET", "/v1/messages", "").body().get("message");
    assertThat(mine.iterator().next()).hasSize(2);
    ChatClient stranger = client().register("stranger");
    expect(403, stranger.call("GET", "/v1/messages/friend?friendUsername=bob", ""));
    expect(404, stranger.call("GET", "/v1/messages/friend?friendUsername=nobody", ""));
    expect(400, stranger.call("GET", "/v1/messages/friend", ""));
    expect(404, stranger.call("GET", "/v1/messages/group?groupName=hikers", ""));
  }

  private void pushSpeaksAsDescribed() throws Exception {
    expect(200, client().call("GET", "/v1/push/key", ""));
    try (PushService browser = new PushService()) {
      ObjectNode device = body("device", "laptop", "kind", "webpush");
      device.set("token", browser.subscription());
      expect(400, ada.call("POST", "/v1/devices", device));
      expect(401, client().call("POST", "/v1/devices", device));
      device.set("token", browser.subscription().put("endpoint", "https://8.8.8.8/"));
      expect(201, ada.call("POST", "/v1/devices", device.put("hide_content", true)));
    }
    expect(200, ada.call("DELETE", "/v1/devices/laptop", ""));
    expect(401, client().call("DELETE", "/v1/devices/laptop", ""));
  }

  private void filesSpeakAsDescribed() throws Exception {
    ChatClient.Reply file = ada.call("POST", "/v1/files?name=notes.txt", "some notes");
    expect(201, file);
    String path = "/v1/files/" + file.body().get("file_id").asString();
    expect(400, ada.call("POST", "/v1/files?name=notes.txt", ""));
    expect(401, client().call("POST", "/v1/files", "some notes"));
    assertThat(ada.exchange("GET", path, "").body()).isEqualTo("some notes");
    expect(404, bob.call("GET", path, ""));
    expect(404, ada.call("GET", path + "/thumbnail", ""));
    String pixel = "GIF89a\u0001\0\u0001\0\0\0\0,\0\0\0\0\u0001\0\u0001\0\0\u0002\u0001D\0;";
    ChatClient.Reply picture = ada.call("POST", "/v1/files?name=pixel.gif", pixel);
    String thumbnail = "/v1/files/" + picture.body().get("file_id").asString() + "/thumbnail";
    await().until(() -> ada.exchange("GET", thumbnail, "").statusCode() == 200);
  }

  private void operationsSpeakAsDescribed() throws Exception {
    for (String path : List.of("/healthz", "/readyz", "/config.json")) {
      expect(200, ada.call("GET", path, ""));
    }
    for (String path : List.of("/metrics", "/openapi.yaml", "/asyncapi.yaml")) {
      assertThat(ada.exchange("GET", path, "").statusCode()).isEqualTo(200);
    }
    expect(404, ada.call("GET", "/v1/nothing", ""));
    expect(405, ada.call("PATCH", "/v1/contact", ""));
  }

  @Test
  void everyRequestReplyAndEvent() throws Exception {
    ChatClient laptop = client();
    laptop.logIn("ada@example.org", "correct horse");
    ada.connect();
    laptop.connectWithToken();
    expect("ok", ada.ask(request("ping")));
    ada.text("{\"type\":\"ping\"}");
    expect("bad_request", ada.ask(request("ping").put("type", 7)));
    expect("unknown_type", ada.ask(request("dance")));
    expect("ok", ada.ask(request("add_contact", "username", "bob")));
    expect("not_found", ada.ask(request("add_contact", "username", "nobody")));
    bob.connect();
    ada.next("presence");
    expect("ok", ada.ask(request("contacts")));
    expect("ok", ada.ask(request("contact_requests")));
    expect("ok", ada.ask(request("add_contact", "username", "eve")));
    expect("ok", ada.ask(request("remove_contact", "username", "EVE")));
    expect("ok", ada.ask(request("remove_contact", "username", "eve")));
    expect("not_found", ada.ask(request("remove_contact", "username", "nobody")));
    ada.next("contacts_changed");
    expect("ok", ada.ask(with(request("presence"), "usernames", "bob", "eve")));
    for (String type : List.of("presence", "profiles")) {
      for (String name : List.of("", "x".repeat(65))) {
        ObjectNode refusal = ada.ask(with(request(type), "usernames", "bob", name));
        expect("bad_request", refusal);
        assertThat(refusal.get("message").asString())
            .isEqualTo("usernames must have 1 to 64 characters each, and not " + name.length());
      }
    }
    String talk = messagesAndReceipts(laptop);
    changes(talk);
    preferences(talk, laptop);
    privacy(talk, laptop);
    profiles();
    groups(talk);
    bansAndSlowMode(talk);
    invites(talk);
    reports(talk);
    blocks(talk);
    sync(talk);
    forwards();
    announcements(laptop);
    server.close();
    ada.next("bye");
    assertThat(ada.closeCode()).isEqualTo(1012);

    Set<String> missing = new TreeSet<>();
    descriptions
        .asyncapi()
        .at("/components/messages")
        .properties()
        .forEach(message -> missing.add(message.getKey()));
    missing.removeAll(descriptions.seen());
    assertThat(missing).isEqualTo(HAPPENS_ELSEWHERE);
  }

  private void announcements(ChatClient laptop) throws Exception {
    AdminShell.Result made =
        AdminShell.run(
            "announce", "--text=Tonight", "--reason=x", "--json", "--database-url=" + database);
    assertThat(made.code()).as(made.err()).isZero();
    String id = JsonObjects.parse(made.out()).get("id").asString();
    assertThat(laptop.next("announcement").get("id").asString()).isEqualTo(id);
    ChatClient phone = client();
    phone.logIn("ada@example.org", "correct horse");
    assertThat(phone.connect().at("/announcements/0/id").asString()).isEqualTo(id);
    AdminShell.run("withdraw-announcement", id, "--database-url=" + database);
    assertThat(laptop.next("announcement_withdrawn").get("id").asString()).isEqualTo(id);
  }

  private String messagesAndReceipts(ChatClient laptop) throws Exception {
    ObjectNode message =
        with(
            request("send", "to", "bob", "client_message_id", "1", "text", "a"), "mentions", "bob");
    message.putObject("attributes").put("colour", "red");
    ObjectNode ack = ada.ask(message);
    expect("ok", ack);
    bob.next("message");
    laptop.next("message");
    expect("conflict", ada.send("bob", "1", "b"));
    ObjectNode reply = request("send", "to", "ada", "client_message_id", "1", "text", "c");
    expect("bad_request", bob.ask(reply.put("reply_to", 2)));
    expect("ok", bob.ask(reply.put("reply_to", 1)));
    JsonNode answer = ada.next("message");
    assertThat(answer.get("reply_to").asLong()).isEqualTo(1);
    assertThat(answer.at("/reply_preview/text").asString()).isEqualTo("a");
    assertThat(answer.at("/reply_preview/from").asString()).isEqualTo("ada");
    ObjectNode stranger = request("send", "to", "bob", "client_message_id", "9", "text", "a");
    expect("bad_request", ada.ask(with(stranger, "mentions", "eve")));
    String[] different = IntStream.range(0, 65).mapToObj(i -> "user" + i).toArray(String[]::new);
    ObjectNode crowd = request("send", "to", "bob", "client_message_id", "10", "text", "a");
    expect("too_large", ada.ask(with(crowd, "mentions", different)));
    String[] equal = Collections.nCopies(65, "bob").toArray(String[]::new);
    ObjectNode often = request("send", "to", "bob", "client_message_id", "1", "text", "a");
    often.set("attributes", message.get("attributes"));
    expect("ok", ada.ask(with(often, "mentions", equal))); // the same message as the first
    expect("forbidden", ada.send("eve", "2", "b"));
    expect("too_large", ada.send("bob", "3", "x".repeat(16_385)));
    String talk = ack.get("conversation_id").asString();
    expect("ok", bob.ask(request("received", "conversation_id", talk).put("seq", 1)));
    ada.next("receipt");
    expect("ok", bob.ask(request("read", "conversation_id", talk).put("seq", 1)));
    ada.next("receipt");
    expect("bad_request", bob.ask(request("read", "conversation_id", talk).put("seq", 9)));
    expect("ok", bob.ask(request("typing", "conversation_id", talk).put("on", true)));
    ada.next("typing");
    expect("ok", ada.ask(request("history", "conversation_id", talk).put("limit", 1)));
    ObjectNode around = request("history", "conversation_id", talk).put("around", 1);
    expect("ok", ada.ask(around.deepCopy().put("limit", 1)));
    expect("bad_request", ada.ask(around.deepCopy().put("after", 1)));
    expect("bad_request", ada.ask(around.put("around", 9)));
    expect("not_found", ada.ask(request("history", "conversation_id", "1")));
    expect("ok", ada.ask(request("members", "conversation_id", talk)));
    search(talk);
    return talk;
  }

  private void forwards() throws Exception {
    ObjectNode group = with(request("create_group", "name", "forwards"), "members", "bob");
    String target = ada.ask(group).get("conversation_id").asString();
    expect(
        "ok",
        ada.ask(
            request("send", "conversation_id", target, "client_message_id", "f0", "text", "a")));
    bob.next("message");
    ObjectNode forward = request("send", "conversation_id", target, "client_message_id", "f1");
    forward.putObject("forward_of").put("conversation_id", target).put("seq", 1);
    expect("ok", ada.ask(forward.deepCopy()));
    JsonNode shown = bob.next("message");
    assertThat(shown.get("text").asString()).isEqualTo("a");
    assertThat(shown.at("/forward_of/conversation_id").asString()).isEqualTo(target);
    assertThat(shown.at("/forward_of/seq").asLong()).isEqualTo(1);
    JsonNode read = ada.ask(request("history", "conversation_id", target));
    assertThat(read.at("/messages/1/forward_of/seq").asLong()).isEqualTo(1);
    ObjectNode unreadable = forward.deepCopy().put("client_message_id", "f2");
    unreadable.putObject("forward_of").put("conversation_id", "1").put("seq", 1);
    expect("not_found", ada.ask(unreadable));
    ObjectNode none = forward.deepCopy().put("client_message_id", "f3");
    none.putObject("forward_of").put("conversation_id", target);
    assertThat(ada.ask(none).get("code").asString()).isEqualTo("bad_request");
  }

  private void blocks(String talk) throws Exception {
    ObjectNode block = request("block", "username", "BOB");
    expect("ok", ada.ask(block));
    expect("ok", ada.ask(block.deepCopy()));
    expect("bad_request", ada.ask(block.deepCopy().put("username", "ada")));
    expect("not_found", ada.ask(block.deepCopy().put("username", "nobody")));
    ObjectNode forbidden = bob.send("ada", "9", "are you there?");
    expect("forbidden", forbidden);
    assertThat(forbidden.get("message").asString()).doesNotContain("block");
    expect("forbidden", ada.send("bob", "9", "no"));
    expect("forbidden", bob.ask(request("read", "conversation_id", talk).put("seq", 1)));
    expect("forbidden", bob.ask(request("add_contact", "username", "ada")));
    expect(403, ada.call("POST", "/v1/contact/add", "{\"friend_username\": \"bob\"}"));
    JsonNode hidden = bob.ask(request("contacts")).get("users").get(0);
    assertThat(hidden.get("online").asBoolean() || hidden.has("last_seen_at")).isFalse();
    ObjectNode blocked = ada.ask(request("blocked").put("limit", 1));
    expect("ok", blocked);
    assertThat(blocked.get("usernames").toString()).isEqualTo("[\"bob\"]");
    expect("bad_request", ada.ask(request("blocked").put("limit", 0)));
    expect("ok", ada.ask(request("unblock", "username", "bob")));
    expect("ok", ada.ask(request("unblock", "username", "bob")));
    expect("ok", ada.ask(request("blocked")));
    expect("ok", bob.send("ada", "10", "hello again"));
    ada.next("message");
  }

  private void privacy(String talk, ChatClient laptop) throws Exception {
    ObjectNode set = request("set_privacy", "last_seen", "contacts").put("read_receipts", false);
    ObjectNode answer = ada.ask(set);
    expect("ok", answer);
    assertThat(answer.get("last_seen").asString()).isEqualTo("contacts");
    ObjectNode event = laptop.next("privacy");
    assertThat(event.get("read_receipts").asBoolean()).isFalse();
    expect("ok", ada.ask(request("privacy")));
    ObjectNode members = bob.ask(request("members", "conversation_id", talk));
    expect("ok", members);
    assertThat(members.get("members").get(0).has("read_seq")).isFalse();
    assertThat(members.get("members").get(1).has("read_seq")).isTrue();
    ObjectNode contacts = bob.ask(request("contacts"));
    expect("ok", contacts);
    assertThat(contacts.get("users").get(0).get("online").asBoolean()).isTrue();

    expect("ok", ada.ask(request("set_privacy", "last_seen", "nobody")));
    laptop.next("privacy");
    contacts = bob.ask(request("contacts"));
    assertThat(contacts.get("users").get(0).get("id").isString()).isTrue();
    assertThat(contacts.get("users").get(0).get("online").asBoolean()).isFalse();

    expect(
        "ok", ada.ask(request("set_privacy", "last_seen", "everyone").put("read_receipts", true)));
    laptop.next("privacy");
    expect("ok", ada.ask(request("set_privacy").put("read_receipts", false)));
    expect("rate_limited", ada.ask(request("set_privacy").put("read_receipts", true)));
    expect("bad_request", ada.ask(request("set_privacy")));
    expect("bad_request", ada.ask(request("set_privacy", "last_seen", "friends")));
    expect("bad_request", ada.ask(request("set_privacy").put("read_receipts", "no")));
  }

  private void profiles() throws Exception {
    ObjectNode set = request("set_profile", "display_name", "Ada Lovelace");
    expect("ok", ada.ask(set.put("avatar_url", "https://example.org/ada.png")));
    expect("ok", ada.ask(request("set_profile").putNull("avatar_url")));
    JsonNode profiles =
        bob.ask(with(request("profiles"), "usernames", "ADA", "bob", "nobody")).get("profiles");
    assertThat(profiles).hasSize(2);
    assertThat(profiles.get(0).toString())
        .isEqualTo("{\"username\":\"ada\",\"display_name\":\"Ada Lovelace\"}");
    expect("ok", bob.ask(request("profiles")));
    expect("bad_request", ada.ask(request("set_profile")));
    expect("bad_request", ada.ask(request("set_profile", "display_name", "")));
    expect("bad_request", ada.ask(request("set_profile", "display_name", "a\nb")));
    expect("bad_request", ada.ask(request("set_profile", "avatar_url", "ada.png")));
    expect("bad_request", ada.ask(request("set_profile").put("display_name", 7)));
    ObjectNode many = request("profiles");
    ArrayNode names = many.putArray("usernames");
    for (int i = 0; i < 101; i++) {
      names.add("user" + i);
    }
    expect("too_large", ada.ask(many));
  }

  private void preferences(String talk, ChatClient laptop) throws Exception {
    ObjectNode mute = request("preferences", "conversation_id", talk);
    mute.put("muted_until", "2101-01-01T01:00:00+01:00").put("archived", true).put("pinned", true);
    ObjectNode reply = ada.ask(mute);
    expect("ok", reply);
    assertThat(reply.get("muted_until").asString()).isEqualTo("2101-01-01T00:00:00.000Z");
    ObjectNode event = laptop.next("preferences");
    for (String field :
        List.of("muted_until", "archived", "archived_at_seq", "pinned", "version")) {
      assertThat(event.get(field)).as(field).isEqualTo(reply.get(field));
    }
    expect("ok", ada.ask(mute.deepCopy()));
    ObjectNode back = request("preferences", "conversation_id", talk);
    reply = ada.ask(back.putNull("muted_until").put("archived", false).put("unread_from", 1));
    expect("ok", reply);
    assertThat(reply.get("version").asLong()).isEqualTo(2);
    assertThat(reply.get("muted_until").isNull()).isTrue();
    ObjectNode wrong = request("preferences", "conversation_id", talk);
    expect("bad_request", ada.ask(wrong.deepCopy()));
    expect("bad_request", ada.ask(wrong.deepCopy().put("muted_until", "tomorrow")));
    expect("bad_request", ada.ask(wrong.deepCopy().put("muted_until", 7)));
    expect("bad_request", ada.ask(wrong.deepCopy().put("archived", "yes")));
    expect("bad_request", ada.ask(wrong.deepCopy().putNull("pinned")));
    expect("bad_request", ada.ask(wrong.deepCopy().put("unread_from", 0)));
    expect("bad_request", ada.ask(wrong.deepCopy().put("unread_from", 99)));
    expect("not_found", eve.ask(wrong.deepCopy().put("pinned", true)));
    ObjectNode sync = request("sync");
    sync.putObject("cursors").putObject(talk).put("seq", 2).put("rev", 2).put("preferences", 1);
    JsonNode state = ada.ask(sync).get("conversations").get(0);
    assertThat(state.get("preferences").get("pinned").asBoolean()).isTrue();
    assertThat(state.get("preferences").get("unread_from").asLong()).isOne();
  }

  private void search(String talk) throws Exception {
    ObjectNode found = ada.ask(request("search", "query", "A").put("limit", 1));
    expect("ok", found);
    assertThat(found.get("messages")).hasSize(1);
    assertThat(found.at("/messages/0/highlights")).isNotEmpty();
    expect("ok", ada.ask(request("search", "query", "a", "conversation_id", talk, "from", "bob")));
    expect("ok", ada.ask(request("search", "query", "a", "before", "1772357400000-1")));
    expect("ok", ada.ask(request("search", "query", "???")));
    expect("bad_request", ada.ask(request("search", "query", "  ")));
    expect("bad_request", ada.ask(request("search", "query", "a", "before", "17")));
    expect("too_large", ada.ask(request("search", "query", "x".repeat(10_000))));
    expect("not_found", ada.ask(request("search", "query", "a", "conversation_id", "1")));
  }

  private void changes(String talk) throws Exception {
    ObjectNode edit = request("edit", "conversation_id", talk, "text", "edited").put("seq", 1);
    ObjectNode reply = ada.ask(edit);
    expect("ok", reply);
    assertThat(reply.get("rev").asLong()).isOne();
    ObjectNode event = bob.next("message_edited");
    assertThat(event.get("text").asString()).isEqualTo("edited");
    assertThat(event.get("edited_at")).isEqualTo(reply.get("edited_at"));
    assertThat(event.has("mentions") || event.has("attributes")).isFalse();
    expect("ok", ada.ask(edit.deepCopy()));
    expect("forbidden", bob.ask(edit.deepCopy()));
    expect("not_found", ada.ask(edit.deepCopy().put("seq", 9)));
    eve.connect();
    expect("not_found", eve.ask(edit.deepCopy()));
    expect("bad_request", ada.ask(edit.deepCopy().put("text", " ")));
    expect("too_large", ada.ask(edit.deepCopy().put("text", "x".repeat(16_385))));
    reactions(talk);
    pins(talk);
    edits(talk);
    ObjectNode delete = request("delete", "conversation_id", talk).put("seq", 1);
    expect("forbidden", bob.ask(delete.deepCopy()));
    expect("ok", ada.ask(delete));
    assertThat(bob.next("message_deleted").get("deleted").asBoolean()).isTrue();
    ObjectNode stranger = with(edit.deepCopy().put("seq", 2), "mentions", "eve");
    expect("bad_request", bob.ask(stranger));
    ObjectNode now = ada.ask(request("history", "conversation_id", talk).put("after", 1));
    expect("ok", now);
    assertThat(now.at("/messages/0/reply_preview/deleted").asBoolean()).isTrue();
    expect("ok", ada.ask(delete.deepCopy()));
    expect("conflict", ada.ask(edit.deepCopy()));
    ObjectNode gone = ada.ask(request("edits", "conversation_id", talk).put("seq", 1));
    expect("ok", gone);
    assertThat(gone.get("versions")).isEmpty();
    expect("conflict", ada.ask(react(talk, 1, THUMB, true)));
    ObjectNode sync = request("sync");
    sync.putObject("cursors").putObject(talk).put("seq", 2).put("rev", 0);
    JsonNode state = bob.ask(sync).get("conversations").get(0);
    assertThat(state.get("rev").asLong()).isEqualTo(8);
    assertThat(state.get("pinned").toString()).isEqualTo("[2]");
    assertThat(state.get("changes")).hasSize(1);
    assertThat(state.get("changes").get(0).get("text").asString()).isEmpty();
    JsonNode kept = ada.call("GET", "/v1/messages/friend?friendUsername=bob", "").body();
    assertThat(kept.get("message").toString())
        .contains("\"content\":\"\"", "\"deleted_at\":\"", "\"reply_preview\":{\"seq\":1");
  }

  private static ObjectNode react(String talk, long seq, String emoji, boolean on) {
    return request("react", "conversation_id", talk, "emoji", emoji).put("seq", seq).put("on", on);
  }

  private void reactions(String talk) throws Exception {
    ObjectNode reply = bob.ask(react(talk, 1, THUMB, true));
    expect("ok", reply);
    assertThat(reply.get("rev").asLong()).isEqualTo(2);
    ObjectNode event = ada.next("reaction");
    assertThat(event.get("username").asString()).isEqualTo("bob");
    assertThat(event.get("count").asLong()).isOne();
    expect("ok", bob.ask(react(talk, 1, THUMB, true)));
    ObjectNode who = request("reactions", "conversation_id", talk).put("seq", 1);
    JsonNode page = ada.ask(who.deepCopy().put("limit", 1));
    expect("ok", (ObjectNode) page);
    assertThat(page.get("reactions").get(0).get("emoji").get(0).asString()).isEqualTo(THUMB);
    expect("ok", ada.ask(who.deepCopy().put("after", "bob").put("emoji", THUMB)));
    expect("bad_request", ada.ask(who.deepCopy().put("limit", 0)));
    expect("bad_request", ada.ask(who.deepCopy().put("emoji", "x")));
    expect("not_found", ada.ask(who.deepCopy().put("seq", 9)));
    ObjectNode history = request("history", "conversation_id", talk).put("limit", 100);
    JsonNode message = bob.ask(history).get("messages").get(0);
    assertThat(message.get("reactions").get(0).get("me").asBoolean()).isTrue();
    for (String noEmoji : new String[] {"", "x", ":+1:", THUMB + THUMB}) {
      ObjectNode refusal = ada.ask(react(talk, 1, noEmoji, true));
      expect("bad_request", refusal);
      assertThat(refusal.get("message").asString()).contains("\"" + noEmoji + "\"");
    }
    expect("bad_request", ada.ask(request("react", "conversation_id", talk).put("seq", 1)));
    expect("not_found", ada.ask(react(talk, 9, THUMB, true)));
    expect("not_found", eve.ask(react(talk, 1, THUMB, true)));
    expect("not_found", eve.ask(who));
    expect("ok", bob.ask(react(talk, 1, THUMB, false)));
    assertThat(ada.next("reaction").get("on").asBoolean()).isFalse();
  }

  private void edits(String talk) throws Exception {
    ObjectNode edits = request("edits", "conversation_id", talk).put("seq", 1);
    ObjectNode page = bob.ask(edits.deepCopy());
    expect("ok", page);
    assertThat(page.get("versions")).hasSize(2);
    assertThat(page.at("/versions/0/attributes").isObject()).isTrue();
    assertThat(page.at("/versions/1/text").asString()).isEqualTo("edited");
    page = bob.ask(edits.deepCopy().put("limit", 1));
    assertThat(page.get("has_more").asBoolean()).isTrue();
    page = bob.ask(edits.deepCopy().put("after", 1));
    expect("ok", page);
    assertThat(page.at("/versions/0/version").asLong()).isEqualTo(2);
    expect("ok", ada.ask(edits.deepCopy().put("seq", 2)));
    expect("bad_request", ada.ask(edits.deepCopy().put("limit", 0)));
    expect("bad_request", ada.ask(request("edits", "conversation_id", talk)));
    expect("not_found", ada.ask(edits.deepCopy().put("seq", 9)));
    expect("not_found", eve.ask(edits));
  }

  private void pins(String talk) throws Exception {
    ObjectNode pin = request("pin", "conversation_id", talk).put("seq", 1);
    ObjectNode reply = bob.ask(pin.deepCopy());
    expect("ok", reply);
    assertThat(reply.get("rev").asLong()).isEqualTo(4);
    JsonNode change = ada.next("conversation").get("change");
    assertThat(change.get("kind").asString()).isEqualTo("pinned");
    assertThat(change.get("seq").asLong()).isOne();
    expect("ok", bob.ask(pin.deepCopy()));
    expect("ok", ada.ask(pin.deepCopy().put("seq", 2)));
    ObjectNode list = request("pins", "conversation_id", talk);
    ObjectNode page = ada.ask(list.deepCopy().put("limit", 1));
    expect("ok", page);
    assertThat(page.at("/pins/0/pinned_by").asString()).isEqualTo("ada");
    assertThat(page.get("has_more").asBoolean()).isTrue();
    page = ada.ask(list.deepCopy().put("after", page.at("/pins/0/rev").asLong()));
    expect("ok", page);
    assertThat(page.at("/pins/0/message/seq").asLong()).isOne();
    expect("bad_request", ada.ask(list.deepCopy().put("limit", 0)));
    expect("bad_request", ada.ask(list.deepCopy().put("after", "x")));
    expect("bad_request", ada.ask(request("pin", "conversation_id", talk)));
    expect("not_found", ada.ask(pin.deepCopy().put("seq", 9)));
    for (ObjectNode request : List.of(pin, list)) {
      expect("not_found", eve.ask(request.deepCopy()));
    }
    ObjectNode unpin = pin.deepCopy().put("type", "unpin");
    expect("ok", ada.ask(unpin.deepCopy()));
    expect("ok", ada.ask(unpin.deepCopy()));
    expect("ok", ada.ask(pin));
  }

  private void groups(String talk) throws Exception {
    ObjectNode create = with(request("create_group", "name", "g"), "members", "bob");
    ObjectNode creation = ada.ask(create.put("client_group_id", "mine"));
    expect("ok", creation);
    String group = creation.get("conversation_id").asString();
    ObjectNode again = ada.ask(create.deepCopy());
    expect("ok", again);
    assertThat(again.get("conversation_id").asString()).isEqualTo(group);
    expect("bad_request", ada.ask(create.deepCopy().put("client_group_id", "")));
    bob.next("conversation");
    List<ObjectNode> changes = new ArrayList<>();
    changes.add(request("rename_group", "name", "h"));
    changes.add(request("update_group", "description", "routes\nand weather"));
    changes.add(request("update_group", "history", "joined"));
    ObjectNode everything = request("update_group", "name", "i").putNull("description");
    everything.put("history", "all");
    everything.put("avatar_url", "https://pictures.example/i.png").put("slow_mode_seconds", 30);
    everything.putObject("attributes").put("colour", "red");
    changes.add(everything);
    changes.add(request("silence", "username", "BOB").put("until", "2099-01-31T12:00:00+01:00"));
    changes.add(request("silence", "username", "bob").putNull("until"));
    changes.add(with(request("remove_members"), "members", "bob"));
    changes.add(with(request("add_members"), "members", "bob"));
    changes.add(with(request("set_role", "role", "owner"), "members", "bob"));
    changes.add(request("leave"));
    for (ObjectNode change : changes) {
      expect("bad_request", ada.ask(change.deepCopy().put("conversation_id", talk)));
      expect("ok", ada.ask(change.put("conversation_id", group)));
      bob.next("conversation");
    }
    expect("not_found", ada.ask(request("members", "conversation_id", group)));
    expect("conflict", ada.ask(request("create_group", "name", "i")));
    ObjectNode quiet = request("create_group", "name", "quiet", "history", "joined");
    ObjectNode created = ada.ask(quiet);
    expect("ok", created);
    expect("bad_request", ada.ask(request("create_group", "name", "q", "history", "none")));
    ObjectNode all = ada.ask(request("sync"));
    assertThat(all.get("conversations").toString()).contains("\"history\":\"joined\"");
    expect("ok", ada.ask(request("create_group", "name", "h"))); // the old name is free
  }

  private void bansAndSlowMode(String talk) throws Exception {
    String group =
        ada.ask(with(request("create_group", "name", "fenced"), "members", "bob"))
            .get("conversation_id")
            .asString();
    expect("bad_request", ada.ask(request("bans", "conversation_id", talk)));
    expect("forbidden", bob.ask(request("bans", "conversation_id", group)));
    List<ObjectNode> wrong = new ArrayList<>();
    wrong.add(request("update_group"));
    wrong.add(request("update_group").putNull("name").put("name", ""));
    wrong.add(request("update_group", "description", ""));
    wrong.add(request("update_group", "avatar_url", "javascript:alert(1)"));
    wrong.add(request("update_group").put("slow_mode_seconds", -1));
    wrong.add(request("update_group").put("slow_mode_seconds", 86_401));
    wrong.add(request("update_group").put("slow_mode_seconds", 1.5));
    wrong.add(request("update_group", "history", "none"));
    wrong.add(request("update_group").put("history", 1));
    wrong.add(request("ban", "username", "ada"));
    wrong.add(request("ban", "username", "bob").put("until", "tomorrow"));
    wrong.add(request("ban", "username", "bob").put("until", "2001-01-31T12:00:00Z"));
    wrong.add(request("ban"));
    wrong.add(request("silence", "username", "bob"));
    for (ObjectNode request : wrong) {
      expect("bad_request", ada.ask(request.put("conversation_id", group)));
    }
    expect("not_found", ada.ask(request("ban", "conversation_id", group, "username", "nobody")));
    expect("conflict", ada.ask(request("update_group", "conversation_id", group, "name", "h")));
    expect(
        "ok",
        ada.ask(request("update_group", "conversation_id", group).put("slow_mode_seconds", 3600)));
    ObjectNode send = request("send", "conversation_id", group, "text", "hello");
    expect("ok", bob.ask(send.deepCopy().put("client_message_id", "slow 1")));
    ObjectNode tooSoon = bob.ask(send.deepCopy().put("client_message_id", "slow 2"));
    expect("rate_limited", tooSoon);
    assertThat(tooSoon.get("retry_after_ms").asLong()).isBetween(3_000_000L, 3_600_000L);
    expect(
        "ok",
        ada.ask(
            request("silence", "conversation_id", group, "username", "bob")
                .put("until", "2099-01-31T12:00:00.000Z")));
    expect("forbidden", bob.ask(send.deepCopy().put("client_message_id", "silenced")));
    expect("forbidden", bob.ask(request("typing", "conversation_id", group).put("on", true)));
    expect(
        "forbidden", bob.ask(request("edit", "conversation_id", group, "text", "x").put("seq", 1)));
    JsonNode members = ada.ask(request("members", "conversation_id", group)).get("members");
    assertThat(members.toString()).contains("\"silenced_until\":\"2099-01-31T12:00:00.000Z\"");
    ObjectNode ban = request("ban", "conversation_id", group, "username", "BOB");
    expect("ok", ada.ask(ban.deepCopy().put("until", "2099-01-31T12:00:00.000Z")));
    expect("ok", ada.ask(request("bans", "conversation_id", group)));
    expect("ok", ada.ask(ban));
    ObjectNode bans = ada.ask(request("bans", "conversation_id", group));
    expect("ok", bans);
    assertThat(bans.get("bans").get(0).get("username").asString()).isEqualTo("bob");
    expect(
        "forbidden",
        ada.ask(with(request("add_members", "conversation_id", group), "members", "bob")));
    expect(403, ada.call("PUT", "/v1/groups/add", with(body("name", "fenced"), "members", "bob")));
    expect("ok", ada.ask(request("unban", "conversation_id", group, "username", "bob")));
    expect(200, ada.call("PUT", "/v1/groups/add", with(body("name", "fenced"), "members", "bob")));
  }

  private void invites(String talk) throws Exception {
    ObjectNode creation = ada.ask(request("create_group", "name", "open"));
    String group = creation.get("conversation_id").asString();
    ObjectNode create = request("create_invite", "conversation_id", group);
    ObjectNode limited = create.deepCopy().put("expires_in", 3_600).put("max_uses", 1);
    ObjectNode created = ada.ask(limited);
    expect("ok", created);
    assertThat(created.get("max_uses").asInt()).isOne();
    String code = created.get("code").asString();
    expect("ok", ada.ask(create));
    for (String field : List.of("expires_in", "max_uses")) {
      for (Object wrong : List.of(0, -1, 4_294_967_297L, 1.5)) {
        expect("bad_request", ada.ask(create.deepCopy().putPOJO(field, wrong)));
      }
    }
    expect("bad_request", ada.ask(create.deepCopy().put("conversation_id", talk)));
    expect("not_found", eve.ask(create));
    ObjectNode unknown = eve.ask(request("join", "code", "AAAA"));
    expect("not_found", unknown);
    ObjectNode joined = eve.ask(request("join", "code", code));
    expect("ok", joined);
    assertThat(joined.get("name").asString()).isEqualTo("open");
    expect("ok", eve.ask(request("join", "code", code)));
    ObjectNode usedUp = bob.ask(request("join", "code", code));
    expect("not_found", usedUp);
    assertThat(usedUp.get("message")).isEqualTo(unknown.get("message"));
    expect("bad_request", bob.ask(request("join")));
    expect("forbidden", eve.ask(create));
    ObjectNode list = request("invites", "conversation_id", group);
    ObjectNode invites = ada.ask(list);
    expect("ok", invites);
    assertThat(invites.get("invites")).hasSize(1);
    expect("forbidden", eve.ask(list));
    expect("bad_request", ada.ask(list.deepCopy().put("after", "x")));
    String last = invites.get("invites").get(0).get("invite_id").asString();
    expect("ok", ada.ask(list.deepCopy().put("after", last)));
    expect("ok", ada.ask(request("revoke_invite", "code", code)));
    ObjectNode revocation = request("revoke_invite", "conversation_id", group, "invite_id", last);
    expect("forbidden", eve.ask(revocation));
    expect("ok", ada.ask(revocation));
    expect("ok", ada.ask(revocation));
    expect("bad_request", ada.ask(request("revoke_invite")));
    expect("bad_request", ada.ask(revocation.deepCopy().put("code", code)));
    expect("not_found", ada.ask(request("revoke_invite", "code", "x")));
  }

  private void reports(String talk) throws Exception {
    ObjectNode sent =
        bob.ask(
            request("send", "conversation_id", talk, "client_message_id", "rude", "text", "rude"));
    expect("ok", sent);
    ObjectNode report =
        request("report", "conversation_id", talk, "reason", "insults me")
            .put("seq", sent.get("seq").asLong());
    expect("ok", ada.ask(report));
    expect("ok", ada.ask(report.deepCopy().put("reason", "again")));
    expect("bad_request", bob.ask(report));
    expect("not_found", eve.ask(report));
    expect("not_found", ada.ask(report.deepCopy().put("seq", 1_000_000)));
    expect("bad_request", ada.ask(report.deepCopy().put("reason", "")));
    expect("bad_request", ada.ask(request("report", "conversation_id", talk).put("seq", 1)));
  }

  private void sync(String talk) throws Exception {
    expect("ok", bob.ask(request("sync")));
    ObjectNode sync = request("sync");
    ObjectNode cursors = sync.putObject("cursors");
    cursors.putObject(talk).put("seq", 0);
    cursors.putObject("12345").put("seq", 0);
    ObjectNode reply = bob.ask(sync);
    assertThat(reply.get("gone")).hasSize(1);
    assertThat(reply.get("conversations").toString()).contains("\"missed\"");
    cursors.putObject(talk).put("seq", 99);
    expect("bad_request", bob.ask(sync));
  }

  @Test
  void everyCallSaysWhetherItNeedsATokenAndNoPatternNeedsMoreThanECMAScript() throws Exception {
    Set<String> open = new TreeSet<>();
    for (JsonNode path : descriptions.openapi().get("paths")) {
      for (JsonNode operation : path) {
        assertThat(operation.has("security")).as(operation.toString()).isTrue();
        if (operation.get("security").isEmpty()) {
          open.add(operation.get("operationId").asString());
        }
      }
    }
    assertThat(open)
        .containsExactlyInAnyOrder(
            "register",
            "logIn",
            "refresh",
            "logOut",
            "postToIncomingWebhook",
            "alive",
            "ready",
            "metrics",
            "webSocketAddress",
            "openapi",
            "asyncapi",
            "pushKey");
    for (JsonNode description : List.of(descriptions.openapi(), descriptions.asyncapi())) {
      for (JsonNode pattern : description.findValues("pattern")) {
        assertThat(pattern.asString()).doesNotContain("\\p");
      }
    }
  }

  @Test
  void everyCallListsTheStatusesThatGoWithItsKind() {
    for (JsonNode path : descriptions.openapi().get("paths")) {
      for (JsonNode operation : path) {
        Set<String> statuses = new TreeSet<>();
        if (!operation.get("security").isEmpty()) {
          statuses.addAll(Set.of("401", "403", "429", "500", "503"));
        }
        if (operation.has("parameters") || operation.has("requestBody")) {
          statuses.add("400");
        }
        if (operation.has("requestBody")) {
          statuses.add("413");
        }
        assertThat(operation.get("responses").propertyNames())
            .as(operation.get("operationId").asString())
            .containsAll(statuses);
      }
    }
  }

  @Test
  void whatTheServerRefusesIsNotAllowedByTheDescription() throws Exception {
    JsonNode removal =
        descriptions
            .openapi()
            .at("/paths/~1v1~1groups~1remove/put/requestBody/content/application~1json/schema");
    ObjectNode nobody = body("name", "hikers");
    nobody.putArray("members");
    assertThat(ApiDescriptions.faults(descriptions.restSchema(removal), nobody)).isNotEmpty();
    assertThat(
            ApiDescriptions.faults(
                descriptions.restSchema(removal), with(nobody, "members", "bob")))
        .isEmpty();
    ada.connect();
    for (String name : List.of("a\nb", "a\u0085b", "a\u202eb", " ", "\u200b")) {
      expect(400, ada.call("POST", "/v1/groups", body("name", name)));
      JsonNode creation =
          descriptions
              .openapi()
              .at("/paths/~1v1~1groups/post/requestBody/content/application~1json/schema");
      assertThat(ApiDescriptions.faults(descriptions.restSchema(creation), body("name", name)))
          .isNotEmpty();
      expect("bad_request", ada.ask(request("create_group", "name", name)));
      assertThat(
              descriptions.socketFaults(
                  "create_group_request", request("create_group", "name", name)))
          .isNotEmpty();
    }
    for (String text : List.of(" \n", "a\u0007b")) {
      ObjectNode send = request("send", "to", "bob", "client_message_id", "1", "text", text);
      expect("bad_request", ada.ask(send));
      assertThat(descriptions.socketFaults("send_request", send)).isNotEmpty();
    }
  }

  @Test
  void thePageThatShowsThemLoadsNothingFromElsewhere() throws Exception {
    for (String path :
        List.of("/docs", "/docs/docs.js", "/docs/docs.css", "/docs/swagger-ui-bundle.js")) {
      HttpResponse<String> file =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.httpPort() + path))
                      .build(),
                  HttpResponse.BodyHandlers.ofString());
      assertThat(file.statusCode()).isEqualTo(200);
      assertThat(file.headers().firstValue("Content-Security-Policy").orElse(""))
          .contains("default-src 'self'")
          .doesNotContain("unsafe");
      if (!path.contains("bundle")) {
        assertThat(file.body()).doesNotContain("http:", "https:", "//cdn");
      }
    }
  }
}
