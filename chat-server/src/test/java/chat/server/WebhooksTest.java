package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;
import static org.awaitility.Awaitility.await;

import chat.engine.protocol.JsonObjects;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

@Timeout(120)
final class WebhooksTest {
  private static final String SECRET = "0123456789abcdef";

  @TempDir private Path directory;

  private String file(String section, ObjectNode... entries) throws IOException {
    ObjectNode content = JsonObjects.object();
    List.of(entries).forEach(content.putArray(section)::add);
    return "--integrations="
        + Files.writeString(directory.resolve("integrations.json"), content.toString());
  }

  private static ObjectNode webhook(Provider provider) {
    return JsonObjects.object()
        .put("name", "audit")
        .put("url", provider.url() + "/audit")
        .put("secret", SECRET);
  }

  private static ObjectNode judge(Provider provider) {
    return JsonObjects.object()
        .put("url", provider.url())
        .put("secret", SECRET)
        .put("deadline_ms", 2_000);
  }

  private static ChatClient connected(ChatServer server, String name) throws Exception {
    ChatClient client = ChatClient.registered(server, name);
    client.connect();
    return client;
  }

  private static ObjectNode request(String type, String group) {
    return JsonObjects.object()
        .put("type", type)
        .put("id", type + System.nanoTime())
        .put("conversation_id", group);
  }

  private static String group(ChatClient owner, String... members) throws Exception {
    for (String member : members) {
      befriend(owner, member);
    }
    ObjectNode create =
        JsonObjects.object().put("type", "create_group").put("id", "g").put("name", "team");
    List.of(members).forEach(create.putArray("members")::add);
    return owner.ask(create).get("conversation_id").asString();
  }

  private static void befriend(ChatClient one, String other) throws Exception {
    one.ask(
        JsonObjects.object()
            .put("type", "add_contact")
            .put("id", "f" + other)
            .put("username", other));
  }

  private static ObjectNode send(ChatClient client, String group, String text) throws Exception {
    return client.ask(
        request("send", group).put("client_message_id", "c" + System.nanoTime()).put("text", text));
  }

  private static List<String> events(Provider provider) {
    return provider.calls().stream()
        .map(
            call -> {
              ObjectNode event = call.json();
              return event.get("type").asString() + " " + event.path("text").asString("");
            })
        .toList();
  }

  @Test
  void anOutgoingWebhookIsToldWhatHappensInItsOrder() throws Exception {
    try (Provider provider = new Provider((exchange, call) -> Provider.json(exchange, 200, ""));
        ChatServer server = TestServer.start(file("webhooks", webhook(provider)))) {
      ChatClient ada = connected(server, "ada");
      ChatClient bob = connected(server, "bob");
      String group = group(ada, "bob");
      send(ada, group, "one");
      ada.ask(request("edit", group).put("seq", 1).put("text", "ONE"));
      bob.ask(request("react", group).put("seq", 1).put("emoji", "👍").put("on", true));
      send(bob, group, "two");
      ada.ask(request("delete", group).put("seq", 2));
      ada.ask(request("rename_group", group).put("name", "club"));
      await().until(() -> provider.calls().size() == 6);
      assertThat(events(provider).get(0)).isIn("message one", "message ONE");
      assertThat(events(provider).subList(1, 3)).containsExactly("message_edited ONE", "reaction ");
      assertThat(events(provider).get(3)).isIn("message two", "message ");
      assertThat(events(provider).subList(4, 6))
          .containsExactly("message_deleted ", "conversation ");
      Provider.Call first = provider.calls().get(0);
      assertThat(first.path()).isEqualTo("/audit");
      assertThat(first.headers())
          .containsEntry("webhook-id", group + ":m:1")
          .containsEntry("webhook-attempt", "1")
          .containsKeys("webhook-timestamp", "webhook-signature");
      assertThat(first.json().get("event_id").asString()).isEqualTo(group + ":m:1");
      assertThat(first.json().get("in").get("kind").asString()).isEqualTo("group");
    }
  }

  @Test
  void whatIsNotTakenComesAgainInItsOrderAndOthersGoOn() throws Exception {
    AtomicBoolean broken = new AtomicBoolean(true);
    Map<String, Integer> attempts = new ConcurrentHashMap<>();
    try (Provider provider =
            new Provider(
                (exchange, call) -> {
                  String text = call.json().path("text").asString("");
                  attempts.merge(
                      text, Integer.parseInt(call.headers().get("webhook-attempt")), Math::max);
                  Provider.json(exchange, text.startsWith("bad") && broken.get() ? 503 : 200, "");
                });
        ChatServer server = TestServer.start(file("webhooks", messagesOnly(webhook(provider))))) {
      ChatClient ada = connected(server, "ada");
      String bad = group(ada);
      send(ada, bad, "bad one");
      send(ada, bad, "bad two");
      connected(server, "bob");
      befriend(ada, "bob");
      ada.send("bob", "c1", "good");
      await().until(() -> events(provider).contains("message good"));
      await().until(() -> attempts.getOrDefault("bad one", 0) == 2);
      assertThat(events(provider)).doesNotContain("message bad two");
      broken.set(false);
      await().until(() -> events(provider).contains("message bad two"));
      assertThat(attempts.get("bad two")).isEqualTo(1);
    }
  }

  private static ObjectNode messagesOnly(ObjectNode webhook) {
    return withEvents(webhook, "message");
  }

  private static ObjectNode withEvents(ObjectNode webhook, String event) {
    webhook.putArray("events").add(event);
    return webhook;
  }

  @Test
  void whatIsNeverTakenIsADeadLetterAndTheNextOneComes() throws Exception {
    String database = TestServer.freshDatabase();
    try (Provider provider =
            new Provider(
                (exchange, call) -> {
                  String text = call.json().path("text").asString("");
                  Provider.json(
                      exchange, text.equals("gone") ? 410 : text.equals("bad") ? 500 : 200, "");
                });
        ChatServer server =
            TestServer.start(
                "--database-url=" + database,
                file("webhooks", messagesOnly(webhook(provider).put("attempts", 2))))) {
      ChatClient ada = connected(server, "ada");
      String group = group(ada);
      send(ada, group, "bad");
      send(ada, group, "gone");
      send(ada, group, "good");
      await().until(() -> events(provider).contains("message good"));
      assertThat(events(provider))
          .containsExactly("message bad", "message bad", "message gone", "message good");
      AdminShell.Result shown =
          AdminShell.run("dead-letters", "--json", "--database-url=" + database);
      assertThat(JsonObjects.parse(shown.out()).get("dead_letters"))
          .extracting(
              letter -> letter.get("entry").asString(), letter -> letter.get("attempts").asInt())
          .containsExactly(tuple(group + ":m:2", 1), tuple(group + ":m:1", 2));
      assertThat(shown.out()).contains("it said 500", "webhook:audit");
      provider.calls().clear();
      AdminShell.Result replayed =
          AdminShell.run(
              "replay-webhook",
              "audit",
              "--since=" + Instant.now().minus(Duration.ofHours(1)),
              "--database-url=" + database);
      assertThat(replayed.code()).as(replayed.err()).isZero();
      await().until(() -> events(provider).contains("message good"));
      AdminShell.Result unknown =
          AdminShell.run(
              "replay-webhook",
              "nosuch",
              "--since=2026-03-01T09:30:00Z",
              "--database-url=" + database);
      assertThat(unknown.code()).isEqualTo(1);
      assertThat(unknown.err()).contains("there is no webhook nosuch: there are audit");
    }
  }

  /** Each has its own attempts and pauses; what is done before it does not come again. */
  @Test
  void whatIsTakenOrGivenUpIsNotPostedAgainBecauseTheNextOneFails() throws Exception {
    try (Provider provider =
            new Provider(
                (exchange, call) ->
                    Provider.json(
                        exchange,
                        call.json().path("text").asString("").startsWith("bad") ? 500 : 200,
                        ""));
        ChatServer server =
            TestServer.start(
                file("webhooks", messagesOnly(webhook(provider).put("attempts", 2))))) {
      ChatClient ada = connected(server, "ada");
      String group = group(ada);
      for (String text : List.of("good 1", "bad 1", "bad 2", "good 2", "bad 3", "good 3")) {
        send(ada, group, text);
      }
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> events(provider).contains("message good 3"));
      assertThat(events(provider))
          .containsExactly(
              "message good 1",
              "message bad 1",
              "message bad 1",
              "message bad 2",
              "message bad 2",
              "message good 2",
              "message bad 3",
              "message bad 3",
              "message good 3");
    }
  }

  @Test
  void moderationAllowsChangesAndRefuses() throws Exception {
    try (Provider provider =
            new Provider(
                (exchange, call) -> {
                  String text = call.json().get("text").asString();
                  if (text.contains("slow")) {
                    Thread.sleep(5_000);
                  }
                  Provider.json(
                      exchange,
                      text.contains("broken") ? 500 : 200,
                      text.contains("rude")
                          ? "{\"action\":\"refuse\",\"message\":\"Be kind.\"}"
                          : text.contains("secret")
                              ? "{\"action\":\"allow\",\"text\":\"***\"}"
                              : text.contains("garbage") ? "hm" : "{\"action\":\"allow\"}");
                });
        ChatServer closed =
            TestServer.start(file("moderation", judge(provider).put("on_failure", "refuse")));
        ChatServer open =
            TestServer.start(file("moderation", judge(provider).put("on_failure", "allow")))) {
      ChatClient ada = connected(closed, "ada");
      String group = group(ada);
      assertThat(send(ada, group, "hello").get("type").asString()).isEqualTo("ok");
      ObjectNode refused = send(ada, group, "a rude one");
      assertThat(refused.get("code").asString()).isEqualTo("forbidden");
      assertThat(refused.get("message").asString()).isEqualTo("Be kind.");
      send(ada, group, "a secret");
      for (String text : List.of("a slow one", "a broken one", "garbage")) {
        ObjectNode unjudged = send(ada, group, text);
        assertThat(unjudged.get("code").asString()).as(text).isEqualTo("busy");
        assertThat(unjudged.get("retry_after_ms").asLong()).isPositive();
      }
      assertThat(
              ada.ask(request("edit", group).put("seq", 1).put("text", "rude"))
                  .path("code")
                  .asString(""))
          .isEqualTo("forbidden");
      ada.ask(request("edit", group).put("seq", 1).put("text", "hello!"));
      ada.ask(request("edit", group).put("seq", 1).put("text", "hello"));
      assertThat(provider.calls())
          .extracting(call -> call.headers().get("webhook-id"))
          .doesNotHaveDuplicates();
      assertThat(ada.ask(request("history", group)).get("messages"))
          .extracting(message -> message.get("text").asString())
          .containsExactly("hello", "***");

      ChatClient bob = connected(open, "bob");
      String other = group(bob);
      for (String text : List.of("a slow one", "a broken one", "garbage")) {
        assertThat(send(bob, other, text).get("type").asString()).isEqualTo("ok");
      }
      assertThat(send(bob, other, "rude").get("code").asString()).isEqualTo("forbidden");
    }
  }

  @Test
  void anIncomingWebhookPostsIntoItsGroup() throws Exception {
    try (ChatServer server = TestServer.start()) {
      ChatClient ada = connected(server, "ada");
      ChatClient bob = connected(server, "bob");
      String group = group(ada, "bob");
      String make = "{\"conversation_id\":\"" + group + "\",\"name\":\"The build\"}";
      assertThat(bob.call("POST", "/v1/incoming-webhooks", make).status()).isEqualTo(403);
      ChatClient eve = connected(server, "eve");
      assertThat(eve.call("POST", "/v1/incoming-webhooks", make).status()).isEqualTo(404);
      ChatClient.Reply made = ada.call("POST", "/v1/incoming-webhooks", make);
      assertThat(made.status()).isEqualTo(201);
      String path = made.body().get("path").asString();
      String sender = made.body().get("username").asString();

      ChatClient nobody = new ChatClient(server);
      String body = "{\"text\":\"done\",\"client_message_id\":\"b7\"}";
      ChatClient.Reply posted = nobody.call("POST", path, body);
      assertThat(posted.status()).isEqualTo(201);
      assertThat(posted.body().get("duplicate").asBoolean()).isFalse();
      assertThat(nobody.call("POST", path, body).body().get("duplicate").asBoolean()).isTrue();
      ObjectNode message = bob.next("message");
      assertThat(message.get("text").asString()).isEqualTo("done");
      assertThat(message.get("from").asString()).isEqualTo(sender);
      assertThat(
              nobody
                  .call("POST", path, "{\"text\":\"other\",\"client_message_id\":\"b7\"}")
                  .status())
          .isEqualTo(409);
      assertThat(nobody.call("POST", path, "{}").status()).isEqualTo(400);
      for (String field : List.of("attachments", "mentions", "reply_to", "attributes")) {
        assertThat(
                nobody
                    .exchange("POST", path, "{\"text\":\"see\",\"" + field + "\":[\"x\"]}")
                    .body())
            .contains("bad_request", field + " cannot be posted here");
      }
      assertThat(nobody.call("POST", "/v1/hooks/wrong", body).status()).isEqualTo(404);

      assertThat(
              ada.call("GET", "/v1/incoming-webhooks?conversation_id=" + group, "")
                  .body()
                  .toString())
          .contains("The build")
          .doesNotContain(made.body().get("secret").asString());
      String id = made.body().get("id").asString();
      assertThat(bob.call("DELETE", "/v1/incoming-webhooks/" + id, "").status()).isEqualTo(403);
      assertThat(ada.call("DELETE", "/v1/incoming-webhooks/x", "").status()).isEqualTo(400);
      assertThat(ada.call("DELETE", "/v1/incoming-webhooks/" + id, "").status()).isEqualTo(200);
      assertThat(ada.call("DELETE", "/v1/incoming-webhooks/" + id, "").status()).isEqualTo(404);
      assertThat(nobody.call("POST", path, body).status()).isEqualTo(404);
      assertThat(ada.ask(request("members", group)).toString()).doesNotContain(sender);
    }
  }

  @Tag("thorough")
  @Test
  void aLeakedSecretCannotFloodTheGroup() throws Exception {
    try (ChatServer server = TestServer.start("--incoming-posts-per-minute=3")) {
      ChatClient ada = connected(server, "ada");
      ObjectNode make =
          JsonObjects.object().put("conversation_id", group(ada)).put("name", "The build");
      ChatClient nobody = new ChatClient(server);
      List<String> paths =
          List.of(
              ada.call("POST", "/v1/incoming-webhooks", make).body().get("path").asString(),
              ada.call("POST", "/v1/incoming-webhooks", make).body().get("path").asString());
      for (int i = 0; i < 3; i++) {
        assertThat(nobody.call("POST", paths.get(0), "{\"text\":\"spam\"}").status())
            .isEqualTo(201);
      }
      HttpResponse<String> refused = nobody.exchange("POST", paths.get(0), "{\"text\":\"spam\"}");
      assertThat(refused.statusCode()).isEqualTo(429);
      assertThat(Integer.parseInt(refused.headers().firstValue("Retry-After").orElseThrow()))
          .isBetween(1, 20);
      assertThat(nobody.call("POST", paths.get(1), "{\"text\":\"news\"}").status()).isEqualTo(201);
      assertThat(nobody.exchange("GET", "/metrics", "").body())
          .contains("chat_security_events_total{event=\"webhook_limited\"} 1.0");
    }
  }

  @Test
  void noGroupHasMoreThanTwentyWebhooksAndNobodyMakesThemWithoutEnd() throws Exception {
    try (ChatServer server = TestServer.start()) {
      ChatClient ada = connected(server, "ada");
      ChatClient bob = connected(server, "bob");
      String group = group(ada, "bob");
      ObjectNode promotion = request("set_role", group).put("role", "admin");
      promotion.putArray("members").add("bob");
      assertThat(ada.ask(promotion).get("type").asString()).isEqualTo("ok");
      String make = "{\"conversation_id\":\"" + group + "\",\"name\":\"The build\"}";
      Queue<Integer> statuses = new ConcurrentLinkedQueue<>();
      ExecutorService threads = Executors.newFixedThreadPool(30);
      List<CompletableFuture<Void>> makers = new ArrayList<>();
      for (int i = 0; i < 30; i++) { // all at once
        ChatClient maker = i % 2 == 0 ? ada : bob;
        makers.add(CompletableFuture.runAsync(() -> statuses.add(status(maker, make)), threads));
      }
      makers.forEach(CompletableFuture::join);
      threads.shutdown();
      assertThat(statuses).containsOnly(201, 409);
      assertThat(statuses.stream().filter(status -> status == 201)).hasSize(20);

      ObjectNode create =
          JsonObjects.object().put("type", "create_group").put("id", "g").put("name", "another");
      create.putArray("members");
      String elsewhere = make.replace(group, bob.ask(create).get("conversation_id").asString());
      for (int i = 0; i < 5; i++) {
        assertThat(status(bob, elsewhere)).as("try %d", i).isEqualTo(201);
      }
      assertThat(status(bob, elsewhere)).isEqualTo(429);
      assertThat(ada.exchange("GET", "/metrics", "").body())
          .contains("chat_security_events_total{event=\"webhooks_limited\"} 1.0");
    }
  }

  private static int status(ChatClient maker, String make) {
    try {
      return maker.call("POST", "/v1/incoming-webhooks", make).status();
    } catch (Exception fault) {
      throw new AssertionError(fault);
    }
  }

  @Test
  void whatIsWrongInTheFileIsSaid() throws Exception {
    try (Provider provider = new Provider((exchange, call) -> {})) {
      assertWrong("name must be 1 to 48", "webhooks", webhook(provider).put("name", "A b"));
      assertWrong("is there twice", "webhooks", webhook(provider), webhook(provider));
      assertWrong("secret", "webhooks", webhook(provider).put("secret", "short"));
      assertWrong("events must be some of", "webhooks", withEvents(webhook(provider), "x"));
      assertWrong("on_failure", "moderation", judge(provider));
    }
  }

  private void assertWrong(String sentence, String section, ObjectNode... entries) {
    assertThatThrownBy(() -> TestServer.start(file(section, entries)).close())
        .hasMessageContaining(sentence);
  }
}
