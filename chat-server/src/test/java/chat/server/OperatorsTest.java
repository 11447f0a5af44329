package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.protocol.JsonObjects;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Operators on two nodes, over REST and at the command line. */
@Timeout(180)
final class OperatorsTest {
  private String database;
  private ChatServer north;
  private ChatServer south;
  private ChatClient ada;
  private ChatClient bob;

  @BeforeEach
  void start() throws Exception {
    database = TestServer.freshDatabase();
    north = TestServer.start("--database-url=" + database, "--router=postgres");
    south = TestServer.start("--database-url=" + database, "--router=postgres");
    ada = ChatClient.registered(north, "ada");
    bob = ChatClient.registered(south, "bob");
  }

  @AfterEach
  void stop() {
    north.close();
    south.close();
  }

  private AdminShell.Result admin(String... words) {
    String[] all = new String[words.length + 1];
    all[0] = "--database-url=" + database;
    System.arraycopy(words, 0, all, 1, words.length);
    return AdminShell.run(all);
  }

  private String done(String... words) {
    AdminShell.Result result = admin(words);
    assertThat(result.code()).as(result.err()).isZero();
    return result.out();
  }

  private JsonNode json(String... words) {
    return JsonObjects.parse(done(words));
  }

  private void makeAdaAdministrator() {
    assertThat(json("make-administrator", "ada", "--json").get("administrator").asBoolean())
        .isTrue();
  }

  private static ObjectNode reason(String why) {
    return JsonObjects.object().put("reason", why);
  }

  @Test
  void whoIsSuspendedIsOutOnAllNodesWithinTwoSeconds() throws Exception {
    makeAdaAdministrator();
    bob.connect();
    ChatClient bobOnNorth = new ChatClient(north);
    bobOnNorth.logIn("bob@example.org", "correct horse");
    bobOnNorth.connect();
    String ticket = bob.ticket();
    long begun = System.nanoTime();
    assertThat(ada.call("PUT", "/v1/admin/users/BOB/suspension", reason("spam")).status())
        .isEqualTo(200);
    assertThat(bob.closeCode()).isEqualTo(4403);
    assertThat(bobOnNorth.closeCode()).isEqualTo(4403);
    assertThat(Duration.ofNanos(System.nanoTime() - begun))
        .as("two seconds, and as much again for a machine that is busy with other tests")
        .isLessThan(Duration.ofSeconds(4));

    assertThat(bob.call("GET", "/v1/contact", "").error()).isEqualTo("forbidden");
    assertThat(bob.call("POST", "/v1/auth/otp", "").error()).isEqualTo("forbidden");
    assertThat(
            bob.call(
                    "POST",
                    "/v1/auth/token",
                    JsonObjects.object().put("refresh_token", bob.refreshToken))
                .status())
        .isEqualTo(401);
    assertThat(new ChatClient(south).logIn("bob@example.org", "correct horse").error())
        .isEqualTo("forbidden");
    assertThat(new ChatClient(south).logIn("bob@example.org", "wrong horse").error())
        .as("whether it is suspended is the user's business")
        .isEqualTo("unauthorized");
    bob.open("?otp=" + ticket + "&username=bob");
    assertThat(bob.closeCode()).isEqualTo(4401);

    assertThat(ada.call("DELETE", "/v1/admin/users/bob/suspension", "").status()).isEqualTo(200);
    assertThat(bob.call("GET", "/v1/contact", "").error())
        .as("tokens of before")
        .isEqualTo("unauthorized");
    ChatClient again = new ChatClient(south);
    assertThat(again.logIn("bob@example.org", "correct horse").status()).isEqualTo(201);
    again.connect();
  }

  @Tag("thorough")
  @Test
  void aSocketThatComesWithTheTokenOfASuspendedUserIsClosedFor4403() throws Exception {
    done("suspend", "bob", "--reason", "spam");
    try {
      bob.connectWithToken();
    } catch (AssertionError refused) {
      assertThat(bob.closeCode()).isEqualTo(4403);
      return;
    }
    throw new AssertionError("was let in");
  }

  @Tag("thorough")
  @Test
  void aSuspensionCanEndByItself() throws Exception {
    Instant until = Instant.now().plusSeconds(3).truncatedTo(ChronoUnit.MILLIS);
    JsonNode shown = json("suspend", "bob", "--reason=pause", "--until=" + until, "--json");
    assertThat(shown.at("/suspension/reason").asString()).isEqualTo("pause");
    assertThat(bob.logIn("bob@example.org", "correct horse").status()).isEqualTo(403);
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () ->
                assertThat(bob.logIn("bob@example.org", "correct horse").status()).isEqualTo(201));
    assertThat(admin("suspend", "bob", "--reason=x", "--until=2001-01-01T00:00:00Z").err())
        .contains("in the future");
  }

  @Test
  void theLastAdministratorStaysOne() throws Exception {
    assertThat(ada.call("GET", "/v1/admin/users", "").error()).isEqualTo("forbidden");
    makeAdaAdministrator();
    assertThat(ada.call("DELETE", "/v1/admin/users/ada/administrator", "").error())
        .isEqualTo("conflict");
    assertThat(ada.call("PUT", "/v1/admin/users/ada/suspension", reason("x")).error())
        .isEqualTo("conflict");
    assertThat(ada.call("DELETE", "/v1/admin/users/ada", "").error()).isEqualTo("conflict");
    assertThat(ada.call("PUT", "/v1/admin/users/bob/administrator", "").status()).isEqualTo(200);
    assertThat(bob.call("DELETE", "/v1/admin/users/ada/administrator", "").status()).isEqualTo(200);
    assertThat(ada.call("GET", "/v1/admin/users", "").error()).isEqualTo("forbidden");
  }

  @Test
  void everyActionIsInTheLogWithWhoAndWhyAlsoARefusedOne() throws Exception {
    bob.call("GET", "/v1/admin/users", "");
    makeAdaAdministrator();
    ada.call("PUT", "/v1/admin/users/bob/suspension", reason("spam"));
    ada.call("DELETE", "/v1/admin/users/nobody", "");
    List<JsonNode> entries = log();
    JsonNode deletion = entries.get(0);
    assertThat(deletion.get("action").asString()).isEqualTo("user.delete");
    assertThat(deletion.get("outcome").asString()).isEqualTo("refused");
    assertThat(deletion.get("error").asString()).isEqualTo("not_found");
    JsonNode suspension = entries.get(1);
    assertThat(suspension.get("action").asString()).isEqualTo("user.suspend");
    assertThat(suspension.get("actor").asString()).isEqualTo("ada");
    assertThat(suspension.get("origin").asString()).isEqualTo("127.0.0.1");
    assertThat(suspension.get("target").asString()).isEqualTo("bob");
    assertThat(suspension.get("reason").asString()).isEqualTo("spam");
    assertThat(suspension.get("outcome").asString()).isEqualTo("done");
    JsonNode promotion = entries.get(2);
    assertThat(promotion.get("actor").isNull()).isTrue();
    assertThat(promotion.get("origin").asString()).isEqualTo("command line");
    JsonNode intruder = entries.get(3);
    assertThat(intruder.get("actor").asString()).isEqualTo("bob");
    assertThat(intruder.get("action").asString()).isEqualTo("GET /v1/admin/users");
    assertThat(intruder.get("outcome").asString()).isEqualTo("refused");
    assertThat(done("audit")).contains("user.suspend", "spam", "command line");
  }

  @Tag("thorough")
  @Test
  void aNumberOfAPageIsOneOrIsRefused() throws Exception {
    makeAdaAdministrator();
    for (String list : List.of("audit", "dead-letters", "users", "groups", "reports")) {
      String path = "/v1/admin/" + list + "?limit=";
      assertThat(ada.call("GET", path + "1", "").status()).as(list).isEqualTo(200);
      for (String limit : List.of("0050", "-1", "0", "%2B5", "1001", "-0", "5x", "", "1e2")) {
        assertThat(ada.call("GET", path + limit, "").error())
            .as(list + " " + limit)
            .isEqualTo("bad_request");
      }
    }
    assertThat(ada.exchange("GET", "/v1/admin/audit?limit=-1", "").body()).contains("not -1");
    assertThat(ada.call("GET", "/v1/admin/reports?open=yes", "").error()).isEqualTo("bad_request");
    for (String command : List.of("audit", "dead-letters", "users", "groups", "reports")) {
      AdminShell.Result refused = admin(command, "--limit=-1");
      assertThat(refused.code()).as(command).isEqualTo(1);
      assertThat(refused.err()).contains("limit must be 1 to 1000, not -1");
    }
  }

  @Tag("thorough")
  @Test
  void whatIsReadIsInTheLogAndWhatShowsNothingOfUsersIsNot() throws Exception {
    makeAdaAdministrator();
    done("dead-letters");
    assertThat(log().get(0).get("action").asString()).isEqualTo("dead_letter.list");
    assertThat(ada.call("GET", "/v1/admin/dead-letters", "").status()).isEqualTo(200);
    assertThat(log().get(0).get("actor").asString()).isEqualTo("ada");
    done("export", "bob");
    assertThat(log().get(0).get("action").asString()).isEqualTo("user.export");
    int before = log().size();
    admin("check");
    admin("audit");
    assertThat(log()).hasSize(before);
  }

  private List<JsonNode> log() throws Exception {
    JsonNode entries = ada.call("GET", "/v1/admin/audit", "").body().get("entries");
    return StreamSupport.stream(entries.spliterator(), false).toList();
  }

  @Test
  void anErasedUserIsNoLongerNamedAnywhereInTheLog() throws Exception {
    makeAdaAdministrator();
    ada.call("PUT", "/v1/admin/users/bob/administrator", "");
    bob.call("GET", "/v1/admin/users", "");
    assertThat(ada.call("DELETE", "/v1/admin/users/bob?reason=asked%20for", "").status())
        .isEqualTo(202);
    assertThat(bob.call("GET", "/v1/contact", "").status()).isEqualTo(401);
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> assertThat(ada.call("GET", "/v1/admin/users/bob", "").status()).isEqualTo(404));
    assertThat(log().toString()).doesNotContain("bob").contains("asked for", "erased");
    awaitThatBobCanRegister();
    assertThat(log().toString()).as("of the new bob").doesNotContain("\"target\":\"bob\"");
  }

  @Tag("thorough")
  @Test
  void anErasureThatWasBegunAtTheCommandLineIsFinishedByTheNodes() throws Exception {
    assertThat(admin("delete-user", "bob").code()).as("without --yes").isEqualTo(2);
    done("delete-user", "bob", "--yes");
    assertThat(bob.call("GET", "/v1/contact", "").status()).isEqualTo(401);
    awaitThatBobCanRegister();
  }

  private void awaitThatBobCanRegister() {
    ObjectNode account =
        JsonObjects.object()
            .put("username", "bob")
            .put("email", "bob@example.org")
            .put("password", "correct horse");
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertThat(
                        new ChatClient(north).call("POST", "/v1/auth/register", account).status())
                    .isEqualTo(201));
  }

  @Tag("thorough")
  @Test
  void usersAreListedByTheBeginningOfTheirNamesPageByPage() throws Exception {
    ChatClient.registered(north, "Adam");
    ChatClient.registered(north, "adele");
    ChatClient.registered(north, "\u00c4nne");
    JsonNode first = json("users", "AD", "--limit=2", "--json");
    assertThat(names(first)).containsExactly("ada", "Adam");
    assertThat(first.get("has_more").asBoolean()).isTrue();
    JsonNode rest = json("users", "ad", "--after=adam", "--limit=2", "--json");
    assertThat(names(rest)).containsExactly("adele");
    assertThat(rest.get("has_more").asBoolean()).isFalse();
    assertThat(names(json("users", "\u00e4", "--json"))).containsExactly("\u00c4nne");
    assertThat(names(json("users", "--json"))).hasSize(5);
    assertThat(done("users", "ada")).contains("username", "ada@example.org").doesNotContain("hash");
  }

  private static List<String> names(JsonNode page) {
    return StreamSupport.stream(page.get("users").spliterator(), false)
        .map(user -> user.get("username").asString())
        .toList();
  }

  @Test
  void aResetPasswordIsTheOnlyOneAndEndsAllLogins() throws Exception {
    bob.connect();
    String password = json("reset-password", "bob", "--json").get("password").asString();
    assertThat(bob.closeCode()).isEqualTo(4401);
    assertThat(bob.call("GET", "/v1/contact", "").status()).isEqualTo(401);
    assertThat(bob.logIn("bob@example.org", "correct horse").status()).isEqualTo(401);
    assertThat(bob.logIn("bob@example.org", password).status()).isEqualTo(201);

    AdminShell.Result given =
        AdminShell.run(
            "battery staple\n",
            java.util.Map.of("CHAT_DATABASE_URL", database),
            "reset-password",
            "bob",
            "--stdin");
    assertThat(given.code()).as(given.err()).isZero();
    assertThat(given.out()).doesNotContain("battery staple");
    assertThat(bob.logIn("bob@example.org", "battery staple").status()).isEqualTo(201);
  }

  @Tag("thorough")
  @Test
  void aUserWhoChangesThePasswordStaysLoggedInOnlyThere() throws Exception {
    ChatClient elsewhere = new ChatClient(north);
    elsewhere.logIn("bob@example.org", "correct horse");
    elsewhere.connect();
    ObjectNode change = JsonObjects.object().put("old_password", "wrong");
    change.put("new_password", "battery staple");
    assertThat(bob.call("PUT", "/v1/auth/password", change).status()).isEqualTo(403);
    change.put("old_password", "correct horse");
    ChatClient.Reply changed = bob.call("PUT", "/v1/auth/password", change);
    assertThat(changed.status()).isEqualTo(200);
    assertThat(changed.body().get("logins_ended").asInt()).isEqualTo(1);
    assertThat(elsewhere.closeCode()).isEqualTo(4401);
    assertThat(elsewhere.call("GET", "/v1/contact", "").status()).isEqualTo(401);
    assertThat(bob.call("GET", "/v1/contact", "").status()).isEqualTo(200);
    assertThat(elsewhere.logIn("bob@example.org", "correct horse").status()).isEqualTo(401);
    assertThat(elsewhere.logIn("bob@example.org", "battery staple").status()).isEqualTo(201);
  }

  @Test
  void aUserSeesWhereTheLoginsAreAndEndsOne() throws Exception {
    ChatClient elsewhere = new ChatClient(north);
    elsewhere.logIn("bob@example.org", "correct horse");
    elsewhere.connect();
    JsonNode logins = bob.call("GET", "/v1/auth/logins", "").body().get("logins");
    assertThat(logins).hasSize(2);
    JsonNode other = logins.get(0).get("current").asBoolean() ? logins.get(1) : logins.get(0);
    assertThat(other.get("address").asString()).isEqualTo("127.0.0.1");
    assertThat(other.get("user_agent").asString()).startsWith("Java-http-client");
    String id = other.get("id").asString();
    assertThat(ada.call("DELETE", "/v1/auth/logins/" + id, "").status())
        .as("another's")
        .isEqualTo(404);
    assertThat(bob.call("DELETE", "/v1/auth/logins/" + id, "").status()).isEqualTo(200);
    assertThat(elsewhere.closeCode()).isEqualTo(4401);
    assertThat(bob.call("GET", "/v1/auth/logins", "").body().get("logins")).hasSize(1);
  }

  @Test
  void groupsAndMessagesAreSeenAndDeleted() throws Exception {
    makeAdaAdministrator();
    bob.call("POST", "/v1/groups", JsonObjects.object().put("name", "hikers"));
    JsonNode groups = ada.call("GET", "/v1/admin/groups?prefix=hik", "").body().get("groups");
    String id = groups.get(0).get("conversation_id").asString();
    bob.connect();
    bob.ask(
        JsonObjects.object()
            .put("type", "send")
            .put("group", "hikers")
            .put("client_message_id", "1")
            .put("text", "something bad"));
    JsonNode shown = json("conversation", id, "--json");
    assertThat(shown.at("/members/0/role").asString()).isEqualTo("owner");
    assertThat(shown.get("last_seq").asInt()).isEqualTo(1);
    assertThat(done("messages", id)).contains("something bad");
    String message = "/v1/admin/conversations/" + id + "/messages";
    assertThat(ada.call("DELETE", message + "/1?reason=rude", "").status()).isEqualTo(200);
    assertThat(bob.next("message_deleted").get("seq").asInt()).isEqualTo(1);
    assertThat(ada.call("GET", message, "").body().toString()).doesNotContain("something bad");

    done("delete-conversation", id, "--yes", "--reason=closed");
    ObjectNode gone = bob.next("conversation");
    while (!gone.at("/change/kind").asString("").equals("deleted")) {
      gone = bob.next("conversation");
    }
    assertThat(bob.call("POST", "/v1/groups", JsonObjects.object().put("name", "hikers")).status())
        .as("the name is free")
        .isEqualTo(201);
  }

  @Tag("thorough")
  @Test
  void reportsAreDecided() throws Exception {
    makeAdaAdministrator();
    ada.call("POST", "/v1/contact/add", JsonObjects.object().put("friend_username", "bob"));
    ada.connect();
    bob.connect();
    String conversation = ada.send("bob", "1", "rude").get("conversation_id").asString();
    bob.ask(
        JsonObjects.object()
            .put("type", "report")
            .put("conversation_id", conversation)
            .put("seq", 1)
            .put("reason", "insult"));
    JsonNode open = ada.call("GET", "/v1/admin/reports?open=true", "").body().get("reports");
    assertThat(open.get(0).get("text").asString()).isEqualTo("rude");
    String id = open.get(0).get("id").asString();
    ObjectNode decision = JsonObjects.object().put("decision", "actioned").put("note", "warned");
    JsonNode decided = ada.call("PUT", "/v1/admin/reports/" + id, decision).body();
    assertThat(decided.get("decided_by").asString()).isEqualTo("ada");
    assertThat(json("reports", "--open", "--json").get("reports")).isEmpty();
    JsonNode all = json("reports", "--json").get("reports").get(0);
    assertThat(all.get("status").asString()).isEqualTo("actioned");
    assertThat(all.get("note").asString()).isEqualTo("warned");
    assertThat(all.get("decided_by").asString()).isEqualTo("ada");
    assertThat(json("decide-report", id, "dismissed", "--json").get("decided_by").asString())
        .isEqualTo("command line");
    assertThat(admin("decide-report", id, "perhaps").err()).contains("dismissed");
  }

  @Test
  void whoIsConnectedWhereIsAskedOfAllNodes() throws Exception {
    makeAdaAdministrator();
    ada.connect();
    bob.open("?otp=" + bob.ticket() + "&username=bob&device=phone");
    bob.next("welcome");
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () -> {
              JsonNode all = ada.call("GET", "/v1/admin/connections", "").body();
              assertThat(all.get("nodes")).hasSize(2);
              assertThat(all.get("connections")).hasSize(2);
            });
    JsonNode bobs = json("connections", "bob", "--json");
    assertThat(bobs.get("connections")).hasSize(1);
    assertThat(bobs.at("/connections/0/device").asString()).isEqualTo("phone");
    assertThat(
            StreamSupport.stream(bobs.get("nodes").spliterator(), false)
                .map(node -> node.get("node").asString()))
        .contains(bobs.at("/connections/0/node").asString());
  }

  @Tag("thorough")
  @Test
  void retentionIsShownAndSetForOneConversation() throws Exception {
    makeAdaAdministrator();
    bob.call("POST", "/v1/groups", JsonObjects.object().put("name", "hikers"));
    String id = json("groups", "--json").at("/groups/0/conversation_id").asString();
    String path = "/v1/admin/conversations/" + id + "/retention";
    JsonNode set = ada.call("PUT", path, JsonObjects.object().put("days", 30)).body();
    assertThat(set.get("conversation_days").asDouble()).isEqualTo(30);
    assertThat(set.get("general_days").isNull()).isTrue();
    assertThat(json("retention", id, "--general", "--json").get("conversation_days").isNull())
        .isTrue();
  }

  @Tag("thorough")
  @Test
  void theAuditLogSaysWhyWhateverWasDone() throws Exception {
    List<String> commands =
        List.of(
            "make-administrator ada",
            "users",
            "user bob",
            "suspend bob",
            "lift-suspension bob",
            "reset-password bob",
            "end-logins bob",
            "export bob",
            "connections",
            "announcements",
            "announce --text=hello",
            "delete-user bob --yes");
    for (String words : commands) {
      done((words + " --reason=w" + commands.indexOf(words)).split(" "));
    }
    List<String> calls =
        List.of(
            "GET users?",
            "PUT users/ada/administrator?",
            "DELETE users/ada/suspension?",
            "GET users/ada/export?",
            "GET reports?open=true&",
            "DELETE users/ada/logins?");
    for (String call : calls) {
      String[] parts = call.split(" ");
      assertThat(
              ada.exchange(parts[0], "/v1/admin/" + parts[1] + "reason=r" + calls.indexOf(call), "")
                  .statusCode())
          .as(call)
          .isEqualTo(200);
    }
    List<String> reasons =
        json("audit", "--json")
            .get("entries")
            .valueStream()
            .map(entry -> entry.get("reason").asString())
            .toList();
    assertThat(reasons)
        .containsExactly(
            Stream.concat(
                    IntStream.iterate(calls.size() - 1, i -> i >= 0, i -> i - 1)
                        .mapToObj(i -> "r" + i),
                    IntStream.iterate(commands.size() - 1, i -> i >= 0, i -> i - 1)
                        .mapToObj(i -> "w" + i))
                .toArray(String[]::new));
    assertThat(admin("suspend", "ada").err()).startsWith("bad_request: reason is missing");
    assertThat(admin("users", "--reason=" + "x".repeat(1_001)).err()).contains("1000 characters");
  }

  @Test
  void anExportIsTheSameAsTheUsersOwn() throws Exception {
    String own = bob.exchange("GET", "/v1/account/export", "").body();
    assertThat(own).contains("bob@example.org");
    assertThat(done("export", "bob")).isEqualTo(own);
    makeAdaAdministrator();
    assertThat(ada.exchange("GET", "/v1/admin/users/bob/export", "").body()).isEqualTo(own);
  }

  @Tag("thorough")
  @Test
  void whatDoesNotExistIsSaidByEveryCommandAndEveryCall() throws Exception {
    makeAdaAdministrator();
    for (String words :
        List.of(
            "user nosuch",
            "make-administrator nosuch",
            "unmake-administrator nosuch",
            "suspend nosuch --reason=x",
            "lift-suspension nosuch",
            "reset-password nosuch",
            "end-logins nosuch",
            "delete-user nosuch --yes",
            "export nosuch",
            "connections nosuch",
            "conversation 1",
            "messages 1",
            "delete-conversation 1 --yes",
            "delete-message 1 1",
            "retention 1",
            "retention 1 --days=3",
            "retention 1 --general",
            "decide-report 1 dismissed",
            "replay-webhook nosuch --since=2026-03-01T09:30:00Z")) {
      AdminShell.Result result = admin(words.split(" "));
      assertThat(result.code()).as(words).isEqualTo(1);
      assertThat(result.err()).as(words).startsWith("not_found: there is no ");
      assertThat(result.out()).as(words).isEmpty();
    }
    for (String call :
        List.of(
            "GET users/nosuch",
            "PUT users/nosuch/administrator",
            "DELETE users/nosuch/administrator",
            "PUT users/nosuch/suspension",
            "DELETE users/nosuch/suspension",
            "PUT users/nosuch/password",
            "DELETE users/nosuch/logins",
            "DELETE users/nosuch",
            "GET users/nosuch/export",
            "GET connections?username=nosuch",
            "GET conversations/1",
            "GET conversations/1/messages",
            "DELETE conversations/1",
            "DELETE conversations/1/messages/1",
            "GET conversations/1/retention",
            "PUT conversations/1/retention",
            "PUT reports/1",
            "POST webhooks/nosuch/replay")) {
      String[] parts = call.split(" ");
      ObjectNode body =
          reason("x").put("decision", "dismissed").put("since", "2026-03-01T09:30:00.000Z");
      assertThat(ada.call(parts[0], "/v1/admin/" + parts[1], body).status())
          .as(call)
          .isEqualTo(404);
    }
  }

  @Tag("thorough")
  @Test
  void aCheckSaysInWordsWhatIsThereAndWhatIsNot() throws Exception {
    AdminShell.Result good = admin("check");
    assertThat(good.out())
        .contains("chat-server of the tests", "PostgreSQL 18", "as this program needs", "2 running")
        .contains("warning  administrators");
    assertThat(good.code()).as(good.out()).isZero();
    AdminShell.Result bad =
        AdminShell.run(
            "",
            java.util.Map.of(
                "CHAT_HTPP_PORT", "1", "CHAT_REDIS_URL", "redis://:secret@127.0.0.1:1"),
            "check",
            "--database-url=jdbc:postgresql://127.0.0.1:1/chat");
    assertThat(bad.code()).isEqualTo(1);
    assertThat(bad.out())
        .contains("CHAT_HTPP_PORT", "failed   database", "failed   router")
        .doesNotContain("secret");
  }

  @Tag("thorough")
  @Test
  void theMetricsTellTheVersion() throws Exception {
    assertThat(ada.exchange("GET", "/metrics", "").body())
        .containsPattern(
            "chat_build_info\\{commit=\"[^\"]+\",time=\"[^\"]+\",version=\"0\\.[^\"]+\"\\} 1");
  }

  @Tag("thorough")
  @Test
  void tablesOfAnotherVersionAreLeftAlone() throws Exception {
    try (java.sql.Connection connection =
            java.sql.DriverManager.getConnection(database, "postgres", "");
        java.sql.Statement statement = connection.createStatement()) {
      statement.execute(
          "insert into chat_server_schema_history (installed_rank, version, description, type, script,"
              + " installed_by, execution_time, success)"
              + " values (1000, '999', 'later', 'SQL', 'V999__later.sql', 'x', 1, true)");
    }
    assertThat(admin("users").err()).contains("of version 999, newer than");
    assertThat(admin("users").code()).isEqualTo(1);
    assertThat(admin("check").out()).contains("failed   server tables");
    assertThat(admin("users", "--accept-newer-schema=true").out()).contains("ada");
  }
}
