package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.protocol.JsonObjects;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What those send who mean no good, and that others notice nothing. */
@Timeout(120)
final class HostileClientsTest {
  private static final String BOBBY = "Robert'); drop table server_account; --";

  private static ChatServer server;
  private ChatClient ada;
  private ChatClient bob;

  @BeforeAll
  static void start() throws Exception {
    server =
        TestServer.start(
            "--max-connections-per-user=8",
            // what hashing bears is looked at here, without the limits that keep guesses away from
            // it
            "--failed-logins-per-account=0",
            "--failed-logins-per-address=0");
  }

  @BeforeEach
  void twoWhoMeanWell() throws Exception {
    String run = UUID.randomUUID().toString().substring(0, 8);
    ada = ChatClient.registered(server, "ada" + run);
    bob = ChatClient.registered(server, "bob" + run);
    ada.call("POST", "/v1/contact/add", JsonObjects.object().put("friend_username", bob.username));
    ada.connect();
    bob.connect();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static ObjectNode account(String username, String email) {
    return JsonObjects.object()
        .put("username", username)
        .put("email", email)
        .put("password", "secret99");
  }

  private static ObjectNode group(String prefix, int members) {
    ObjectNode group = JsonObjects.object().put("name", prefix + UUID.randomUUID());
    ArrayNode names = group.putArray("members");
    for (int i = 0; i < members; i++) {
      names.add(prefix + Integer.toString(i, Character.MAX_RADIX));
    }
    return group;
  }

  @Test
  void namesOfNobodyCostLittleAndAreNotAllSaidAgain() throws Exception {
    ChatClient.Reply tooMany = ada.call("POST", "/v1/groups", group("~", 30_000));
    assertThat(tooMany.error()).isEqualTo("too_large");
    ChatClient.Reply unknown = ada.call("POST", "/v1/groups", group("~", 20_000));
    assertThat(unknown.error()).isEqualTo("not_found");
    assertThat(unknown.body().at("/error/message").asString())
        .isEqualTo("there is no user ~0, ~1, ~2 and 19997 more");
    ObjectNode longest = JsonObjects.object().put("friend_username", "🎈".repeat(50_000));
    ChatClient.Reply nobody = ada.call("POST", "/v1/contact/add", longest);
    assertThat(nobody.error()).isEqualTo("not_found");
    assertThat(nobody.body().at("/error/message").asString()).hasSizeLessThan(210);
    ObjectNode often = group("~", 0);
    for (int i = 0; i < 30_000; i++) {
      often.withArray("members").add("~");
    }
    assertThat(ada.call("POST", "/v1/groups", often).error()).isEqualTo("not_found");
  }

  @Test
  void sqlIsNeverMoreThanText() throws Exception {
    ChatClient eve = new ChatClient(server);
    assertThat(eve.call("POST", "/v1/auth/register", account(BOBBY, "e@example.org")).status())
        .isEqualTo(400);
    assertThat(eve.logIn("' or 1=1 --", "' or 1=1 --").status()).isEqualTo(401);
    assertThat(
            ada.call("POST", "/v1/contact/add", JsonObjects.object().put("friend_username", BOBBY))
                .status())
        .isEqualTo(404);
    assertThat(ada.call("GET", "/v1/messages/group?groupName=" + encoded(BOBBY), "").status())
        .isEqualTo(404);
    assertThat(ada.call("GET", "/v1/messages/friend?friendUsername=" + encoded(BOBBY), "").status())
        .isEqualTo(404);
    assertThat(ada.send(BOBBY, "sql", "x").get("code").asString()).isEqualTo("not_found");
    assertThat(ada.send(bob.username, BOBBY, BOBBY).get("type").asString()).isEqualTo("ok");
    assertThat(bob.next("message").get("text").asString()).isEqualTo(BOBBY);
    JsonNode page =
        ada.call("GET", "/v1/messages/friend?friendUsername=" + bob.username, "").body();
    assertThat(page.get("message").get(0).get("content").asString()).isEqualTo(BOBBY);
  }

  @Test
  void nonsenseIsServedAsSlowlyAsRequestsAre() throws Exception {
    long begun = System.nanoTime();
    for (int i = 0; i < 300; i++) {
      ada.text("x");
    }
    for (int i = 0; i < 300; i++) {
      assertThat(ada.next("error").get("code").asString()).isEqualTo("bad_request");
    }
    // 50 a second, and two seconds' worth at once
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofSeconds(3));
  }

  @Test
  void aUserHasSoManyConnectionsAtOnceAndNoMore() throws Exception {
    List<ChatClient> more = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      ChatClient another = another(ada);
      another.connectWithToken();
      more.add(another);
    }
    ChatClient tooMany = another(ada);
    tooMany.open("?otp=" + ada.ticket() + "&username=" + ada.username);
    assertThat(tooMany.closeCode()).isEqualTo(1013);
    assertThat(ada.send(bob.username, "1", "still here").get("type").asString()).isEqualTo("ok");
    assertThat(bob.next("message").get("text").asString()).isEqualTo("still here");

    more.get(0).disconnect();
    await()
        .untilAsserted(
            () -> {
              ChatClient again = another(ada);
              again.open("?otp=" + ada.ticket() + "&username=" + ada.username);
              assertThat(again.nextFrame().path("type").asString("")).isEqualTo("welcome");
            });
  }

  private static ChatClient another(ChatClient user) {
    ChatClient client = new ChatClient(server);
    client.accessToken = user.accessToken;
    return client;
  }

  @Test
  void noHeaderComesFromAClient() throws Exception {
    String answer = exchange("GET /%0d%0aX-Injected:%20yes HTTP/1.1\r\nHost: x\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.1 404").doesNotContain("X-Injected: yes");
    assertThat(
            ada.call(
                    "POST", "/v1/auth/register", account("eve\r\nX-Injected: yes", "e@example.org"))
                .status())
        .isEqualTo(400);
    assertThat(
            ada.call("POST", "/v1/auth/register", account("eve", "e@x.org\r\nBcc: all@x.org"))
                .status())
        .isEqualTo(400);
  }

  @Test
  void aFaultOfTheClientTellsNothingOfTheInside() throws Exception {
    for (String body : List.of("{", "[]", "{\"email\":[1]}", "[".repeat(10_000), "\u0000")) {
      ChatClient.Reply reply = new ChatClient(server).call("POST", "/v1/auth/login", body);
      assertThat(reply.status()).isEqualTo(400);
      assertThat(reply.body().toString()).doesNotContain("jackson", "java", "Exception", "line");
    }
    assertThat(exchange("no http at all\r\n\r\n")).startsWith("HTTP/1.1 40");
  }

  @Test
  void textThatCannotBeStoredIsTheClientsFault() throws Exception {
    String nul = "a\u0000b";
    assertThat(
            ada.call("POST", "/v1/contact/add", JsonObjects.object().put("friend_username", nul)))
        .extracting(ChatClient.Reply::error)
        .isEqualTo("bad_request");
    assertThat(ada.logIn(nul, "correct horse").error()).isEqualTo("bad_request");
    assertThat(ada.call("GET", "/v1/messages/group?groupName=%00", "").error())
        .isEqualTo("bad_request");
    StringBuilder longName = new StringBuilder();
    new Random(1).ints(20_000, 'a', 'z').forEach(letter -> longName.append((char) letter));
    for (String name : List.of(nul, longName.toString())) {
      assertThat(ada.call("POST", "/v1/groups", JsonObjects.object().put("name", name)).error())
          .isEqualTo("bad_request");
    }
    assertThat(ada.send(nul, "nul", "x").get("code").asString()).isEqualTo("bad_request");
  }

  @Test
  void halfOfAPairIsNoText() throws Exception {
    String half = "{\"username\":\"eve\",\"email\":\"e\\ud800@x.org\",\"password\":\"secret99\"}";
    assertThat(new ChatClient(server).call("POST", "/v1/auth/register", half).error())
        .isEqualTo("bad_request");
  }

  @Test
  void aBodyThatIsCutIsTheClientsFault() throws Exception {
    try (Socket socket =
        raw("POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"em")) {
      socket.shutdownOutput();
      byte[] answer = socket.getInputStream().readAllBytes();
      assertThat(new String(answer, StandardCharsets.ISO_8859_1)).startsWith("HTTP/1.1 400");
    }
  }

  @Test
  void aClientThatAsksWithoutWaitingIsAnsweredInTheEndAndNobodyElseNotices() throws Exception {
    ObjectNode contacts = JsonObjects.object().put("type", "contacts");
    int many = 600;
    for (int i = 0; i < many; i++) {
      ada.text(contacts.put("id", "many" + i).toString());
    }
    assertThat(bob.ask(JsonObjects.object().put("type", "ping")).get("type").asString())
        .isEqualTo("ok");
    for (int i = 0; i < many; i++) {
      assertThat(ada.answerTo("many" + i).get("type").asString()).isEqualTo("ok");
    }
  }

  @Test
  void aUserWhoSendsTooFastByTwoConnectionsIsServedMoreSlowlyOnBoth() throws Exception {
    try (ChatServer slow = TestServer.start("--messages-per-second-per-user=2")) {
      ChatClient phone = ChatClient.registered(slow, "ada");
      phone.connect();
      ChatClient laptop = new ChatClient(slow);
      laptop.logIn("ada@example.org", "correct horse");
      laptop.connect();
      List<ChatClient> both = List.of(phone, laptop);
      ObjectNode ping = JsonObjects.object().put("type", "ping");
      long begun = System.nanoTime();
      for (int i = 0; i < 5; i++) {
        for (ChatClient client : both) {
          client.text(ping.put("id", "p" + i).toString());
        }
      }
      for (ChatClient client : both) {
        for (int i = 0; i < 5; i++) {
          assertThat(client.answerTo("p" + i).get("type").asString()).isEqualTo("ok");
        }
      }
      assertThat(Duration.ofNanos(System.nanoTime() - begun))
          .as("four of the ten at once, the others at two a second")
          .isGreaterThanOrEqualTo(Duration.ofSeconds(3));
    }
  }

  @Test
  void answersLargerThanWhatMayWaitArrive() throws Exception {
    String text = "\"".repeat(16_384); // twice that in JSON
    int count = 60;
    String conversation = "";
    for (int i = 0; i < count; i++) {
      ObjectNode ack = ada.send(bob.username, "big" + i, text);
      conversation = ack.get("conversation_id").asString();
      bob.next("message");
    }
    long reached = 0;
    while (reached < count) {
      JsonNode page =
          bob.ask(
              JsonObjects.object()
                  .put("type", "history")
                  .put("conversation_id", conversation)
                  .put("after", reached)
                  .put("limit", 100));
      assertThat(page.get("messages").get(0).get("seq").asLong()).isEqualTo(reached + 1);
      reached += page.get("messages").size();
      assertThat(page.get("has_more").asBoolean()).isEqualTo(reached < count);
    }
    ObjectNode sync = JsonObjects.object().put("type", "sync");
    sync.putObject("cursors").putObject(conversation).put("seq", 0);
    JsonNode state = bob.ask(sync).get("conversations").get(0);
    assertThat(state.get("last_seq").asLong()).isEqualTo(count);
  }

  @Test
  void halfRequestsEndAndOthersAreServedMeanwhile() throws Exception {
    List<Socket> half = new ArrayList<>();
    try {
      for (int i = 0; i < 60; i++) {
        half.add(raw("POST /v1/auth/login HTTP/1.1\r\nHo"));
        half.add(
            raw("POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"em"));
      }
      for (int i = 0; i < 10; i++) {
        assertThat(ada.call("GET", "/v1/contact", "").status()).isEqualTo(200);
        assertThat(ada.send(bob.username, "meanwhile " + i, "x").get("type").asString())
            .isEqualTo("ok");
      }
      for (Socket socket : half) {
        assertLives(socket); // so nobody had to wait for the end of one of these
      }
      for (Socket socket : half) {
        assertEnds(socket);
      }
    } finally {
      for (Socket socket : half) {
        socket.close();
      }
    }
  }

  @Test
  void aFloodOfLoginsIsRefusedAndOthersAreServedMeanwhile() throws Exception {
    HttpRequest login =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + server.httpPort() + "/v1/auth/login"))
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "{\"email\":\"nobody@example.org\",\"password\":\"wrong wrong\"}"))
            .build();
    HttpClient http = HttpClient.newHttpClient();
    List<CompletableFuture<HttpResponse<String>>> flood = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      flood.add(http.sendAsync(login, HttpResponse.BodyHandlers.ofString()));
    }
    assertThat(ada.call("GET", "/v1/contact", "").status()).isEqualTo(200);
    assertThat(ada.send(bob.username, "meanwhile", "x").get("type").asString()).isEqualTo("ok");
    for (CompletableFuture<HttpResponse<String>> answer : flood) {
      int status = answer.get(30, TimeUnit.SECONDS).statusCode();
      assertThat(status).isIn(401, 503);
      assertThat(answer.join().body()).contains(status == 401 ? "unauthorized" : "busy");
    }
    assertThat(ada.logIn(ada.username + "@example.org", "correct horse").status()).isEqualTo(201);
  }

  private static void assertLives(Socket socket) throws IOException {
    socket.setSoTimeout(1);
    assertThatThrownBy(() -> socket.getInputStream().read())
        .isInstanceOf(SocketTimeoutException.class);
  }

  private static void assertEnds(Socket socket) throws IOException {
    socket.setSoTimeout(30_000);
    try (InputStream in = socket.getInputStream()) {
      assertThat(in.readAllBytes())
          .asString(StandardCharsets.US_ASCII)
          .doesNotContain("HTTP/1.1 20");
    } catch (SocketTimeoutException alive) {
      throw new AssertionError("a half request was kept", alive);
    } catch (IOException reset) {
      // an end too
    }
  }

  private static Socket raw(String bytes) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.httpPort());
    socket.getOutputStream().write(bytes.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
    return socket;
  }

  private static String exchange(String request) throws IOException {
    try (Socket socket = raw(request)) {
      socket.setSoTimeout(10_000);
      byte[] buffer = new byte[4096];
      int read = socket.getInputStream().read(buffer);
      return new String(buffer, 0, Math.max(0, read), StandardCharsets.ISO_8859_1);
    }
  }
}
