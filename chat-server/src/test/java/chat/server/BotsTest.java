package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.protocol.JsonObjects;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

@Timeout(120)
final class BotsTest {
  private static final String FAILURE = "I cannot answer at present. Please try again later.";

  @TempDir private Path directory;

  private ChatServer start(ObjectNode... bots) throws IOException {
    return TestServer.start("--integrations=" + file(bots));
  }

  private Path file(ObjectNode... bots) throws IOException {
    ObjectNode content = JsonObjects.object();
    ArrayNode list = content.putArray("bots");
    List.of(bots).forEach(list::add);
    return Files.writeString(directory.resolve("integrations.json"), content.toString());
  }

  private static ObjectNode bot(String name, String kind, Provider provider) {
    return JsonObjects.object()
        .put("username", name)
        .put("kind", kind)
        .put("url", provider.url() + "/" + kind);
  }

  private static ObjectNode model(String name, Provider provider) {
    return bot(name, "openai", provider).put("model", "tiny").put("secret", "key");
  }

  private static List<String> texts(ChatClient client, String conversation) throws Exception {
    List<String> texts = new ArrayList<>();
    for (JsonNode message : history(client, conversation)) {
      texts.add(message.get("from").asString() + ": " + message.get("text").asString());
    }
    return texts;
  }

  private static JsonNode history(ChatClient client, String conversation) throws Exception {
    return client
        .ask(
            JsonObjects.object()
                .put("type", "history")
                .put("id", "h" + System.nanoTime())
                .put("conversation_id", conversation))
        .get("messages");
  }

  /** Waits until a message of the bot says this. */
  private static void waitFor(ChatClient client, String conversation, String last)
      throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (true) {
      List<String> texts = texts(client, conversation);
      if (texts.get(texts.size() - 1).equals(last)) {
        return;
      }
      assertThat(System.nanoTime() - end).as("still " + texts).isNegative();
      Thread.sleep(50);
    }
  }

  private static ChatClient connected(ChatServer server, String name) throws Exception {
    ChatClient client = ChatClient.registered(server, name);
    client.connect();
    return client;
  }

  private static String ask(ChatClient client, String bot, String text) throws Exception {
    ObjectNode ok = client.send(bot, "c" + System.nanoTime(), text);
    assertThat(ok.get("type").asString()).as(ok.toString()).isEqualTo("ok");
    return ok.get("conversation_id").asString();
  }

  @Test
  void aLanguageModelAnswersPieceByPieceAndIsToldTheConversation() throws Exception {
    List<String> pieces = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      pieces.add("piece" + i + " ");
    }
    try (Provider provider =
            new Provider((exchange, call) -> Provider.stream(exchange, pieces, 25));
        ChatServer server =
            start(
                model("Helper", provider)
                    .put("system_prompt", "Be brief.")
                    .put("display_name", "The helper")
                    .put("temperature", 0.5)
                    .put("answer_tokens", 99))) {
      ChatClient ada = connected(server, "ada");
      String direct = ask(ada, "helper", "hello");
      assertThat(ada.next("message").get("text").asString()).isEqualTo("…");
      int edits = 0;
      String whole = String.join("", pieces);
      for (String shown = ""; !shown.equals(whole); edits++) {
        shown = ada.next("message_edited").get("text").asString();
        assertThat(whole).startsWith(shown);
      }
      assertThat(edits).isBetween(2, 8);
      waitFor(ada, direct, "Helper: " + whole);
      Provider.Call first = provider.calls().get(0);
      assertThat(first.headers()).containsEntry("authorization", "Bearer key");
      assertThat(first.json())
          .isEqualTo(
              JsonObjects.parse(
                  """
                  {"model":"tiny","stream":true,"messages":[
                   {"role":"system","content":"Be brief."},{"role":"user","content":"hello"}],
                   "max_tokens":99,"temperature":0.5}"""));

      ask(ada, "Helper", "more");
      waitFor(ada, direct, "Helper: " + whole);
      assertThat(provider.calls().get(1).json().get("messages"))
          .extracting(message -> message.get("role").asString())
          .containsExactly("system", "user", "assistant", "user");
      ObjectNode profiles =
          ada.ask(
              JsonObjects.object()
                  .put("type", "profiles")
                  .put("id", "p")
                  .set("usernames", JsonObjects.object().putArray("x").add("Helper")));
      assertThat(profiles.toString()).contains("The helper");
    }
  }

  @Test
  void inGroupsItAnswersWhenItIsMentionedAndKnowsWhoSaidWhat() throws Exception {
    try (Provider provider =
            new Provider(
                (exchange, call) ->
                    Provider.json(
                        exchange, 200, "{\"choices\":[{\"message\":{\"content\":\"as one\"}}]}"));
        ChatServer server = start(model("helper", provider))) {
      ChatClient ada = connected(server, "ada");
      ObjectNode create =
          JsonObjects.object().put("type", "create_group").put("id", "g").put("name", "team");
      create.putArray("members").add("helper");
      String group = ada.ask(create).get("conversation_id").asString();
      ObjectNode send =
          JsonObjects.object()
              .put("type", "send")
              .put("conversation_id", group)
              .put("client_message_id", "1")
              .put("text", "not for it");
      ada.ask(send.put("id", "s1"));
      send.putArray("mentions").add("helper");
      ada.ask(send.put("id", "s2").put("client_message_id", "2").put("text", "for @helper"));
      waitFor(ada, group, "helper: as one");
      assertThat(provider.calls()).hasSize(1);
      assertThat(provider.calls().get(0).json().get("messages").toString())
          .isEqualTo(
              "[{\"role\":\"user\",\"content\":\"ada: not for it\"},"
                  + "{\"role\":\"user\",\"content\":\"ada: for @helper\"}]");
      JsonNode answer = history(ada, group).get(2);
      assertThat(answer.get("reply_to").asLong()).isEqualTo(2);
    }
  }

  @Test
  void theHistoryEndsWhereTheTokensEnd() throws Exception {
    try (Provider provider =
            new Provider(
                (exchange, call) ->
                    Provider.json(
                        exchange, 200, "{\"choices\":[{\"message\":{\"content\":\"yes\"}}]}"));
        ChatServer server = start(model("helper", provider).put("history_tokens", 13))) {
      ChatClient ada = connected(server, "ada");
      String direct = "";
      for (String text : List.of("the first question", "the second one", "the third")) {
        direct = ask(ada, "helper", text);
        waitFor(ada, direct, "helper: yes");
      }
      assertThat(provider.calls().get(2).json().get("messages"))
          .as("5 tokens for yes, 8 for the second question")
          .extracting(message -> message.get("content").asString())
          .containsExactly("the second one", "yes", "the third");
    }
  }

  @Test
  void aProviderThatFailsCostsItsUserASentenceAndNobodyElseAnything() throws Exception {
    try (Provider broken =
            new Provider((exchange, call) -> Provider.json(exchange, 500, "{\"secret\":1}"));
        Provider hanging = new Provider((exchange, call) -> Thread.sleep(60_000));
        Provider good =
            new Provider((exchange, call) -> Provider.json(exchange, 200, "{\"text\":\"fine\"}"));
        ChatServer server =
            start(
                model("broken", broken),
                model("hanging", hanging).put("deadline_seconds", 1),
                bot("good", "webhook", good).put("secret", "0123456789abcdef"))) {
      ChatClient ada = connected(server, "ada");
      String toBroken = ask(ada, "broken", "hello");
      String toHanging = ask(ada, "hanging", "hello");
      String toGood = ask(ada, "good", "hello");
      waitFor(ada, toGood, "good: fine");
      waitFor(ada, toBroken, "broken: " + FAILURE);
      assertThat(broken.calls()).as("three attempts").hasSize(3);
      waitFor(ada, toHanging, "hanging: " + FAILURE);
      assertThat(hanging.calls()).hasSize(3);
      assertThat(texts(ada, toBroken)).hasSize(2);
      assertThat(metrics(server))
          .contains("chat_bot_failures_total{bot=\"broken\"} 1.0")
          .contains("chat_dead_letters_total{integration=\"bot:broken\"} 1.0");
    }
  }

  @Test
  void everyQuestionHasThreeAttemptsAlsoBehindOneThatHadNoAnswer() throws Exception {
    AtomicInteger seconds = new AtomicInteger();
    try (Provider provider =
            new Provider(
                (exchange, call) -> {
                  boolean fails = call.body().contains("first") || seconds.getAndIncrement() == 0;
                  Provider.json(exchange, fails ? 503 : 200, "{\"text\":\"fine\"}");
                });
        ChatServer server =
            start(bot("desk", "webhook", provider).put("secret", "0123456789abcdef"))) {
      ChatClient ada = connected(server, "ada");
      String direct = ask(ada, "desk", "first");
      ask(ada, "desk", "second");
      waitFor(ada, direct, "desk: fine");
      assertThat(texts(ada, direct)).contains("desk: " + FAILURE).hasSize(4);
      assertThat(provider.calls())
          .extracting(call -> call.headers().get("webhook-attempt"))
          .containsExactly("1", "2", "3", "1", "2");
    }
  }

  private static String metrics(ChatServer server) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.httpPort() + "/metrics"))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  @Test
  void garbageFloodsAndRedirectsAreFaultsOfTheProvider() throws Exception {
    List<Provider.Behaviour> bad =
        List.of(
            (exchange, call) -> Provider.json(exchange, 200, "no json"),
            (exchange, call) -> Provider.json(exchange, 200, "{}"),
            (exchange, call) -> flood(exchange, "application/json", "x"),
            (exchange, call) -> flood(exchange, "text/event-stream", "x"),
            (exchange, call) -> flood(exchange, "text/event-stream", "data: {]\n"),
            (exchange, call) -> {
              exchange.getResponseHeaders().set("Location", "/0");
              exchange.sendResponseHeaders(302, -1);
            },
            (exchange, call) -> {
              exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
              exchange.sendResponseHeaders(200, 0); // and nothing
            });
    try (Provider provider =
            new Provider(
                (exchange, call) ->
                    bad.get(Integer.parseInt(call.path().substring(1))).answer(exchange, call));
        ChatServer server =
            start(
                IntStream.range(0, bad.size())
                    .mapToObj(
                        i ->
                            model("helper" + i, provider)
                                .put("url", provider.url() + "/" + i)
                                .put("deadline_seconds", 5))
                    .toArray(ObjectNode[]::new))) {
      ChatClient ada = connected(server, "ada");
      List<String> conversations = new ArrayList<>();
      for (int i = 0; i < bad.size(); i++) {
        conversations.add(ask(ada, "helper" + i, "hello"));
      }
      for (int i = 0; i < bad.size(); i++) {
        waitFor(ada, conversations.get(i), "helper" + i + ": " + FAILURE);
        String path = "/" + i;
        assertThat(provider.calls()).filteredOn(call -> call.path().equals(path)).hasSize(3);
      }
      assertThat(provider.calls()).as("no redirect is followed").hasSize(3 * bad.size());
    }
  }

  @Test
  void anAnswerThatBreaksOffIsWrittenAnew() throws Exception {
    try (Provider provider = new Provider((exchange, call) -> {});
        ChatServer server = start(model("helper", provider))) {
      provider.behave(
          (exchange, call) -> {
            if (provider.calls().size() == 1) {
              exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
              exchange.sendResponseHeaders(200, 1_000);
              exchange
                  .getResponseBody()
                  .write(
                      "data: {\"choices\":[{\"delta\":{\"content\":\"ha\"}}]}\n\n"
                          .getBytes(StandardCharsets.UTF_8));
            } else {
              Provider.stream(exchange, List.of("good ", "again"), 0);
            }
          });
      ChatClient ada = connected(server, "ada");
      String direct = ask(ada, "helper", "hello");
      waitFor(ada, direct, "helper: good again");
      assertThat(texts(ada, direct)).hasSize(2);
    }
  }

  private static void flood(HttpExchange exchange, String type, String what) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(200, 0);
    byte[] part = what.repeat(100_000).getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < 100_000; i++) {
      exchange.getResponseBody().write(part); // until it is cut
    }
  }

  @Test
  void anAnswerThatIsTooLongIsCutWhereAMessageEnds() throws Exception {
    try (Provider provider =
            new Provider(
                (exchange, call) ->
                    Provider.stream(exchange, Collections.nCopies(100, "0123456789"), 0));
        ChatServer server =
            TestServer.start(
                "--max-text-bytes=105", "--integrations=" + file(model("helper", provider)))) {
      ChatClient ada = connected(server, "ada");
      String direct = ask(ada, "helper", "hello");
      waitFor(ada, direct, "helper: " + "0123456789".repeat(10));
    }
  }

  @Test
  void aWebhookIsSignedAndAnswersOrNot() throws Exception {
    String secret =
        "whsec_"
            + Base64.getEncoder()
                .encodeToString("0123456789abcdef0123".getBytes(StandardCharsets.UTF_8));
    try (Provider provider =
            new Provider(
                (exchange, call) -> {
                  String text = call.json().get("message").get("text").asString();
                  if (text.equals("quiet")) {
                    exchange.sendResponseHeaders(204, -1);
                  } else {
                    Provider.json(exchange, 200, "{\"text\":\"you said " + text + "\"}");
                  }
                });
        ChatServer server = start(bot("hook", "webhook", provider).put("secret", secret))) {
      ChatClient ada = connected(server, "ada");
      String direct = ask(ada, "hook", "quiet");
      ask(ada, "hook", "loud");
      waitFor(ada, direct, "hook: you said loud");
      assertThat(texts(ada, direct)).hasSize(3);
      Provider.Call call = provider.calls().get(0);
      assertThat(call.headers())
          .containsEntry("webhook-id", direct + ":m:1:hook")
          .containsEntry("webhook-attempt", "1");
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(
          new SecretKeySpec("0123456789abcdef0123".getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      String signed =
          call.headers().get("webhook-id")
              + "."
              + call.headers().get("webhook-timestamp")
              + "."
              + call.body();
      assertThat(call.headers().get("webhook-signature"))
          .isEqualTo(
              "v1,"
                  + Base64.getEncoder()
                      .encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8))));
      ObjectNode body = call.json();
      assertThat(body.get("bot").asString()).isEqualTo("hook");
      assertThat(body.get("conversation").get("kind").asString()).isEqualTo("direct");
      assertThat(body.get("message").get("from").asString()).isEqualTo("ada");
    }
  }

  @Test
  void anAnswerThatNoMessageCanHoldIsAFailureAndIsNotAskedForAgain() throws Exception {
    try (Provider provider =
            new Provider(
                (exchange, call) ->
                    Provider.json(exchange, 200, "{\"text\":\"" + "y".repeat(100_000) + "\"}"));
        ChatServer server =
            start(bot("hook", "webhook", provider).put("secret", "0123456789abcdef"))) {
      ChatClient ada = connected(server, "ada");
      String direct = ask(ada, "hook", "hello");
      waitFor(ada, direct, "hook: " + FAILURE);
      assertThat(provider.calls()).hasSize(1);
      assertThat(texts(ada, direct)).hasSize(2);
    }
  }

  @Test
  void operatorsSilenceBotsButNeitherDeleteNorPromoteThem() throws Exception {
    String database = TestServer.freshDatabase();
    try (Provider provider =
            new Provider((exchange, call) -> Provider.json(exchange, 200, "{\"text\":\"hi\"}"));
        ChatServer server =
            TestServer.start(
                "--database-url=" + database,
                "--integrations="
                    + file(bot("hook", "webhook", provider).put("secret", "0123456789abcdef")))) {
      ChatClient ada = connected(server, "ada");
      waitFor(ada, ask(ada, "hook", "hello"), "hook: hi");
      String there = "--database-url=" + database;
      assertThat(AdminShell.run("delete-user", "hook", "--yes", there).err()).contains("is a bot");
      assertThat(AdminShell.run("make-administrator", "hook", there).err()).contains("is a bot");
      AdminShell.Result suspended =
          AdminShell.run("suspend", "hook", "--reason=it went wild", there);
      assertThat(suspended.code()).as(suspended.err()).isZero();
      String direct = ask(ada, "hook", "are you there?");
      ask(ada, "hook", "hello?");
      Thread.sleep(500); // it would have answered
      assertThat(texts(ada, direct)).hasSize(4);
      assertThat(provider.calls()).hasSize(1);
    }
  }

  @Test
  void whatABotSaysEndsWhenItIsSuspended() throws Exception {
    String database = TestServer.freshDatabase();
    CountDownLatch suspended = new CountDownLatch(1);
    List<String> pieces = Collections.nCopies(100, "more ");
    try (Provider model = new Provider((exchange, call) -> Provider.stream(exchange, pieces, 100));
        Provider hook =
            new Provider(
                (exchange, call) -> {
                  suspended.await();
                  Provider.json(exchange, 200, "{\"text\":\"late\"}");
                });
        ChatServer server =
            TestServer.start(
                "--database-url=" + database,
                "--integrations="
                    + file(
                        model("talker", model),
                        bot("hook", "webhook", hook).put("secret", "0123456789abcdef")))) {
      ChatClient ada = connected(server, "ada");
      String direct = ask(ada, "talker", "talk");
      String late = ask(ada, "hook", "hello");
      await().until(() -> texts(ada, direct).toString().contains("more"));
      // the talker last: when it falls silent, this node knows of both
      for (String bot : List.of("hook", "talker")) {
        AdminShell.run("suspend", bot, "--reason=wild", "--database-url=" + database);
      }
      Instant begun = Instant.now();
      await()
          .until(() -> !history(ada, direct).get(1).get("attributes").toString().contains("writ"));
      Instant ended = Instant.parse(history(ada, direct).get(1).get("edited_at").asString());
      assertThat(Duration.between(begun, ended))
          .as("two seconds, and as much again for a machine that is busy with other tests")
          .isLessThan(Duration.ofSeconds(4));
      String said = history(ada, direct).get(1).get("text").asString();
      assertThat(said).startsWith("more more").hasSizeLessThan(500);
      suspended.countDown();
      Thread.sleep(1_000); // more would have been said, and the webhook has answered
      assertThat(texts(ada, direct)).containsExactly("ada: talk", "talker: " + said);
      assertThat(texts(ada, late)).containsExactly("ada: hello");
      assertThat(metrics(server))
          .contains("chat_bot_failures_total{bot=\"talker\"} 1.0")
          .contains("chat_dead_letters_total{integration=\"bot:hook\"} 1.0");
    }
  }

  @Test
  void profilesTellWhoIsABot() throws Exception {
    try (Provider provider = new Provider((exchange, call) -> {});
        ChatServer server = start(bot("poet", "edenai", provider).put("secret", "key"))) {
      ChatClient ada = connected(server, "ada");
      ObjectNode profiles = JsonObjects.object().put("type", "profiles").put("id", "p");
      profiles.putArray("usernames").add("ada").add("POET");
      assertThat(ada.ask(profiles).get("profiles").toString())
          .isEqualTo("[{\"username\":\"ada\"},{\"username\":\"poet\",\"bot\":true}]");
    }
  }

  @Test
  void edenAiIsAskedAsTheOriginalAskedIt() throws Exception {
    try (Provider provider =
            new Provider(
                (exchange, call) ->
                    Provider.json(
                        exchange,
                        200,
                        "{\"openai\":{\"status\":\"success\",\"generated_text\":\" a poem \"}}"));
        ChatServer server = start(bot("poet", "edenai", provider).put("secret", "key"))) {
      ChatClient ada = connected(server, "ada");
      String direct = ask(ada, "poet", "write a poem");
      waitFor(ada, direct, "poet:  a poem ");
      assertThat(provider.calls().get(0).json())
          .isEqualTo(
              JsonObjects.parse(
                  """
                  {"providers":"openai","text":"write a poem","temperature":0.2,"max_tokens":250}"""));
    }
  }

  @Test
  void whereOnlyContactsWriteABotIsAllowed() throws Exception {
    try (Provider provider =
            new Provider((exchange, call) -> Provider.json(exchange, 200, "{\"text\":\"hi\"}"));
        ChatServer server =
            TestServer.start(
                "--direct-policy=contacts",
                "--integrations="
                    + file(bot("hook", "webhook", provider).put("secret", "0123456789abcdef")))) {
      ChatClient ada = connected(server, "ada");
      waitFor(ada, ask(ada, "hook", "hello"), "hook: hi");
      assertThat(
              ada.call("POST", "/v1/auth/login", "{\"email\":\"hook\",\"password\":\"\"}").status())
          .isEqualTo(401);
    }
  }

  @Test
  void whatIsWrongInTheFileIsSaidWithItsPlace() throws Exception {
    try (Provider provider = new Provider((exchange, call) -> {})) {
      assertWrong(
          "bots[0]: kind must be one of [webhook, openai, edenai]", bot("a", "magic", provider));
      assertWrong("bots[0]: secret or secret_env is missing", bot("a", "webhook", provider));
      assertWrong("bots[0]: there is no modell", model("a", provider).put("modell", "x"));
      assertWrong("bots[1]: username A is there twice", model("a", provider), model("A", provider));
      assertWrong(
          "url must be an http or https address", model("a", provider).put("url", "file:///etc"));
      assertWrong(
          "the environment has no NOT_THERE", model("a", provider).put("secret_env", "NOT_THERE"));
      assertWrong(
          "deadline_seconds must be from 1 to 600, not 0",
          model("a", provider).put("deadline_seconds", 0));
      assertWrong(
          "a secret must have 16 bytes or more",
          bot("a", "webhook", provider).put("secret", "short"));
      assertWrong("username must be", model("a b", provider));
    }
    Path broken = Files.writeString(directory.resolve("broken.json"), "{");
    assertThatThrownBy(() -> TestServer.start("--integrations=" + broken))
        .hasMessageContaining("is no JSON object");
    assertThatThrownBy(() -> TestServer.start("--integrations=" + directory.resolve("none")))
        .hasMessageContaining("cannot be read");
  }

  private void assertWrong(String sentence, ObjectNode... bots) {
    assertThatThrownBy(() -> start(bots).close()).hasMessageContaining(sentence);
  }
}
